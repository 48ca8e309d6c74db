import { DOOR_STATES, type DoorState, type DoorSummary, type EgressConfig, type Judgement } from '@/lib/model/egress'
import type { EgressPreview, PreviewEdge, PreviewTarget } from '@/lib/model/egress-preview'
import { pathsOfCluster } from './paths'
import { pointsOfCluster } from './point-maps'
import { summariseDoor } from './summarise-door'

/** One connection judged by what is in force, and by what is proposed. */
export interface JudgedTwice {
  readonly before: Judgement
  readonly after: Judgement
  readonly weight: number
}

/** What a door and its moves are, of the connections of one edge; undefined where nothing that a reader sees would change. */
export function changeOfEdge(
  connections: readonly JudgedTwice[],
): Pick<PreviewEdge, 'before' | 'after' | 'moves'> | undefined {
  const before = summariseDoor(connections.map((one) => ({ judgement: one.before, weight: one.weight })))
  const after = summariseDoor(connections.map((one) => ({ judgement: one.after, weight: one.weight })))
  return isSameDoor(before, after) ? undefined : { before, after, moves: movesOf(connections) }
}

/** Which rule says so is no change of the door. */
const isSameDoor = (a: DoorSummary, b: DoorSummary): boolean =>
  a.state === b.state &&
  a.reason === b.reason &&
  a.lean === b.lean &&
  DOOR_STATES.every((state) => a.counts[state] === b.counts[state])

function movesOf(connections: readonly JudgedTwice[]): PreviewEdge['moves'] {
  const moves = new Map<string, { from: DoorState; to: DoorState; connections: number }>()
  for (const { before, after, weight } of connections) {
    if (before.state === after.state) continue
    const key = `${before.state} ${after.state}`
    const known = moves.get(key) ?? { from: before.state, to: after.state, connections: 0 }
    moves.set(key, { ...known, connections: known.connections + weight })
  }
  return [...moves.values()].sort(
    (a, b) => b.connections - a.connections || order(a.to) - order(b.to) || order(a.from) - order(b.from),
  )
}

const order = (state: DoorState): number => DOOR_STATES.indexOf(state)

/** The gravest first: by what the door would become, then by what it was, then by name. */
export const comparePreviewEdges = (a: PreviewEdge, b: PreviewEdge): number =>
  order(a.after.state) - order(b.after.state) || order(a.before.state) - order(b.before.state) || compareTargets(a, b)

export function compareTargets(a: PreviewTarget, b: PreviewTarget): number {
  const [left, right] = [a, b].map((one) =>
    [one.cluster, one.namespace, one.workload, one.server, one.edgeId].join('\n'),
  )
  return (left ?? '') < (right ?? '') ? -1 : 1
}

/**
 * True where two configurations say the same of a cluster but for their rules: a connection for which both choose the same
 * rule is then judged alike.
 */
export function isAlikeBesideRules(a: EgressConfig, b: EgressConfig, cluster: string): boolean {
  const [left, right] = [a, b].map(({ version: _, rules: __, deniedProviders: ___, paths, points, ...rest }) =>
    JSON.stringify({ ...rest, paths: pathsOfCluster(paths, cluster), points: pointsOfCluster(points, cluster) }),
  )
  return left === right
}

/** The sentence over a preview. */
export function previewSentence({
  changed,
  edges,
  newlyDenied,
  left,
  lookedAt,
}: Omit<EgressPreview, 'sentence' | 'window' | 'unchanged'>): string {
  const what =
    changed === 0
      ? 'This would change no edge.'
      : `This would change ${changed === 1 ? 'this edge' : `these ${changed} edges`}.`
  const violations = edges.filter(({ before, after }) => after.state === 'violation' && before.state !== 'violation')
  const parts = [
    what,
    violations.length > 0 &&
      `${some(violations.length, 'edge')} would become ${violations.length === 1 ? 'a violation' : 'violations'}.`,
    newlyDenied.length > 0 && `${some(newlyDenied.length, 'edge')} would reach a denied provider.`,
    left.edges + left.connections > 0 &&
      `Not looked at: ${[
        left.connections > 0 && some(left.connections, 'older connection'),
        left.edges > 0 && some(left.edges, 'edge'),
      ]
        .filter(Boolean)
        .join(
          ' and ',
        )}; the newest ${some(lookedAt.connections, 'connection')} of ${some(lookedAt.edges, 'edge')} were judged.`,
  ]
  return parts.filter(Boolean).join(' ')
}

const some = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`
