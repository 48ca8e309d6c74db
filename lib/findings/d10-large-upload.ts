import { providerById } from '@/lib/egress/catalogue/catalogue'
import { workloadsOf } from './ai-peers'
import { tellingEdges } from './count-slots'
import { byPair, edgesOfWorkload } from './edge-groups'
import { type ClusterDetector, type ClusterFacts, type Detection, type HourVolume, LEARNING_MS } from './facts'
import { byText, bytesWords, spoken } from './finding-words'
import { HOUR_MS, hasLearned } from './learning'
import { detection } from './make-detection'

/** Less in an hour is never called large, whatever is usual. */
const FLOOR_BYTES = 50_000_000
const DEVIATIONS = 6
/** Answers are of the order of what was asked; an upload goes one way. */
const MIN_OUT_PER_IN = 2
/** Fewer hours with traffic say nothing of what is usual. */
const MIN_HOURS = 7

/** D10: a workload sent a provider far more in one hour than it ever does. Possible data exfiltration, and never said to be it. */
export const d10: ClusterDetector = {
  id: 'D10',
  name: 'Large upload',
  needs: ['addresses', 'bytes'],
  isLearning: true,
  detect: (facts) => (hasLearned(facts) ? uploadsOf(facts) : []),
}

/** Providers of one name are one target: the largest upload speaks for them. */
function uploadsOf(facts: ClusterFacts): Detection[] {
  const uploads = [...facts.volumes].flatMap(([key, hours]) => uploadOf(key, hours, facts)).sort(byUpload)
  return uploads
    .filter((upload, at) => {
      const before = uploads[at - 1]
      return !before || byPair(before.detection, upload.detection) !== 0
    })
    .map((upload) => upload.detection)
}

interface Upload {
  readonly detection: Detection
  readonly sent: number
}

const byUpload = (left: Upload, right: Upload): number =>
  byPair(left.detection, right.detection) ||
  right.sent - left.sent ||
  byText(left.detection.cause, right.detection.cause)

function uploadOf(key: string, hours: readonly HourVolume[], facts: ClusterFacts): Upload[] {
  const [workload, providerId] = [key.slice(0, key.lastIndexOf(' ')), key.slice(key.lastIndexOf(' ') + 1)]
  const startMs = Math.floor(facts.nowMs / HOUR_MS) * HOUR_MS - HOUR_MS
  const last = hours.find((hour) => hour.startMs === startMs)
  const usual = hours.filter((hour) => hour.startMs < startMs && hour.sent > 0).map(({ sent }) => sent)
  if (!last || usual.length < MIN_HOURS) return []
  const middle = medianOf(usual)
  const threshold = Math.max(FLOOR_BYTES, middle + DEVIATIONS * medianOf(usual.map((sent) => Math.abs(sent - middle))))
  if (last.sent <= threshold || last.sent < MIN_OUT_PER_IN * last.received) return []
  const edges = edgesOfWorkload(facts, workload).filter(({ server }) => server.provider?.id === providerId)
  if (isYoung(edges[0]?.client.endpointId, facts)) return []
  const provider = edges[0]?.server.provider?.name ?? providerById(providerId)?.name ?? providerId
  const hasFiles = edges.some(({ spans }) => spans?.paths?.some(isFilePath))
  const made = detection({
    workload,
    target: provider,
    severity: hasFiles ? 'low' : 'medium',
    certainty: 'possible',
    title: `${spoken(workload)} sent ${bytesWords(last.sent)} to ${spoken(provider)} in one hour, far above its usual ${bytesWords(middle)}: possible data exfiltration.`,
    facts: [
      `${bytesWords(last.sent)} sent and ${bytesWords(last.received)} received in the last whole hour.`,
      `Usual is ${bytesWords(middle)} an hour (median of ${usual.length} hours); ${bytesWords(threshold)} would still be.`,
      ...(hasFiles ? ['Its traces tell of calls to endpoints for files, batches or fine-tuning.'] : []),
    ],
    disproof: 'A batch, a fine-tuning upload or a load test at that hour, as its owner or the provider’s log tells.',
    cause: `upload:${workload}`,
    edgeIds: tellingEdges(edges, ({ slots }) => slots.reduce((sum, slot) => sum + slot.bytesSent, 0)),
    shown: {
      kind: 'slots',
      slots: [{ startMs: last.startMs, count: 1 }],
      firstMs: last.startMs,
      lastMs: last.startMs + HOUR_MS - 1,
    },
  })
  return [{ detection: made, sent: last.sent }]
}

/** Endpoints to which much is sent by nature. `/v1/fine_tuning/jobs`, `/v1/messages/batches`. */
const FILE_SEGMENTS: ReadonlySet<string> = new Set([
  'batch',
  'batches',
  'files',
  'fine-tunes',
  'fine-tuning',
  'fine_tuning',
  'uploads',
])
const isFilePath = (path: string): boolean =>
  path.split('/').some((segment) => FILE_SEGMENTS.has(segment.toLowerCase()))

/** A workload's own first week has no usual either. */
function isYoung(endpointId: string | undefined, facts: ClusterFacts): boolean {
  const since = endpointId === undefined ? undefined : workloadsOf(facts).get(endpointId)?.firstEverMs
  return since !== undefined && facts.nowMs - since < LEARNING_MS
}

/** Median of at least one number; of an even count the mean of the two in the middle. */
function medianOf(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b)
  const half = Math.floor(sorted.length / 2)
  const upper = sorted[half] ?? 0
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[half - 1] ?? upper)) / 2
}
