import type { DetectorId, DetectorState } from '@/lib/model/finding'
import { type ClusterDetector, type ClusterFacts, type Detection, type DetectorNeed, LEARNING_MS } from './facts'

/** Those that look at judged doors alone: they run after each pass of the judge, the others by the clock. */
export const DOOR_DETECTORS: ReadonlySet<DetectorId> = new Set(['D0', 'D0u'])

/** What detectors said of one cluster. */
export interface DetectorRun {
  readonly facts: ClusterFacts
  /** By detector; a detector that is not here said nothing that may change its findings. */
  readonly detections: ReadonlyMap<DetectorId, readonly Detection[]>
  readonly states: readonly DetectorState[]
  /** What a detector threw: a defect of it, which must not silence the others. */
  readonly failures: readonly { readonly detector: DetectorId; readonly error: unknown }[]
}

/**
 * Runs detectors over the facts of one cluster. One whose needs are not met is off: it says nothing, but for what is on record as
 * proven (a total of judged connections), which stays proven when its source falls silent. One that learns says nothing, and its
 * findings stay as they are.
 */
export function runDetectors(facts: ClusterFacts, detectors: readonly ClusterDetector[]): DetectorRun {
  const detections = new Map<DetectorId, readonly Detection[]>()
  const failures: { detector: DetectorId; error: unknown }[] = []
  const states = detectors.map((detector): DetectorState => {
    const state = stateOf(detector, facts)
    if (state.state === 'learning') return state
    try {
      const found = detector.detect(facts)
      detections.set(detector.id, state.state === 'on' ? found : found.filter(isOnRecord))
      return state
    } catch (error) {
      failures.push({ detector: detector.id, error })
      return { ...state, state: 'failed' }
    }
  })
  return { facts, detections, states, failures }
}

const isOnRecord = ({ shown, certainty }: Detection): boolean => shown.kind === 'total' && certainty === 'fact'

/** Whether a detector can work on these facts, and what it lacks. */
export function stateOf(detector: ClusterDetector, facts: ClusterFacts): DetectorState {
  const { dataset, cluster, nowMs: checkedMs } = facts
  const base = { dataset, cluster, detector: detector.id, name: detector.name, missing: [], checkedMs } as const
  const missing = detector.needs
    .map((need) => (typeof need === 'string' ? [need] : need))
    .filter((anyOf) => !anyOf.some((need) => facts.met.has(need)))
  if (missing.length > 0)
    return {
      ...base,
      state: 'off',
      missing: missing.map((anyOf) => anyOf.map((need) => NEED_WORDS[need]).join(' or ')),
    }
  const since = facts.learningSinceMs
  if (!detector.isLearning) return { ...base, state: 'on' }
  if (since === undefined) return { ...base, state: 'learning' }
  const untilMs = since + LEARNING_MS
  return untilMs > checkedMs ? { ...base, state: 'learning', untilMs } : { ...base, state: 'on' }
}

const NEED_WORDS: Readonly<Record<DetectorNeed, string>> = {
  flows: 'a flow log',
  addresses: 'flow records with server addresses or names',
  'nat-evidence': 'NAT records of the way out',
  dns: 'DNS answers or questions',
  spans: 'spans',
  'ai-spans': 'spans with GenAI facts',
  l7: 'HTTP as a proxy of the flow log reads it',
  policies: 'a flow log that names the policies that applied',
  inventory: 'the Kubernetes inventory',
  bytes: 'a flow log that counts bytes',
}
