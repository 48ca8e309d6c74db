import type { DoorState, Judgement, Lean } from '@/lib/model/egress'
import type {
  CellEvidence,
  MatrixCell,
  MatrixColumn,
  MatrixDoor,
  MatrixRow,
  VerdictChange,
  VerifiedShare,
} from '@/lib/model/matrix'
import { DOOR_WORD, reasonWord } from './door-sentence'
import { formatCount, formatShare } from './format'

/** One word or two: cells are narrow. */
export const CELL_WORD: Readonly<Record<DoorState, string>> = {
  violation: 'Violation',
  sanctioned: 'Sanctioned',
  unverified: 'Unverified',
  blocked: 'Blocked',
  broken: 'Broken gateway',
  not_applicable: 'Private',
  no_rule: 'No rule',
}

const SHORT_REASON: Readonly<Record<NonNullable<Judgement['reason']>, string>> = {
  no_nat_evidence: 'no NAT log',
  partial_hop: 'inner hop only',
  unmapped_nat_address: 'address not mapped',
  join_too_weak: 'join too weak',
  intent_only: 'configuration only',
  sampled_only: 'probe only',
  stale_probe: 'probe too old',
  conflicting: 'sources disagree',
  provider_unknown: 'provider unsure',
  rule_ambiguous: 'rules ambiguous',
  provider_refused: 'refused, it says',
  partial_coverage: 'partly proven',
  private_endpoint: 'private endpoint',
  internal: 'internal',
}

/** The second line of a cell: by which doors, or why it is not known. */
export function cellNote(cell: MatrixCell): string {
  const { state, reason, doors, counts, doorsTotal } = cell
  if (state === 'unverified') return reason ? `${SHORT_REASON[reason]}${leanMark(cell.lean)}` : 'not known'
  if (state === 'not_applicable') return reason ? SHORT_REASON[reason] : ''
  const relevant = state === 'violation' ? doors.filter(({ violation }) => violation > 0) : doors
  const [first] = relevant
  if (!first) return state === 'blocked' ? 'stopped by a policy' : state === 'broken' ? 'dropped at the gateway' : ''
  const more = state === 'violation' ? relevant.length - 1 : doorsTotal - 1
  const wrong = state === 'violation' ? `${formatCount(counts.violation)} by ` : 'by '
  return `${wrong}${first.door}${more > 0 ? ` +${more}` : ''}`
}

const leanMark = (lean: Lean): string =>
  lean === 'none' ? '' : lean === 'likely_ok' ? ', likely right' : ', likely wrong'

export const leanWords = (lean: Lean): string =>
  lean === 'none' ? 'leans nowhere' : lean === 'likely_ok' ? 'likely sanctioned' : 'likely a violation'

/** `25 of 40`: proven, of what left. */
export const shareCounts = ({ proven, left }: VerifiedShare): string => `${formatCount(proven)} of ${formatCount(left)}`

export const shareWords = ({ proven, left }: VerifiedShare): string => formatShare(left > 0 ? proven / left : undefined)

/** What a reader without eyes hears of a cell. */
export const cellLabel = (cell: MatrixCell, row: MatrixRow, column: MatrixColumn): string => {
  const all = Object.values(cell.counts).reduce((sum, count) => sum + count, 0)
  const note = cellNote(cell)
  return `${row.label} to ${column.name}: ${CELL_WORD[cell.state]}${note ? `, ${note}` : ''}, ${formatCount(all)} ${all === 1 ? 'connection' : 'connections'}`
}

const KIND_WORD: Readonly<Record<CellEvidence['kind'], string>> = {
  cloudtrail: 'CloudTrail',
  'provider-audit': 'Audit log of the provider',
  'provider-refusal': 'Refusal by the provider',
  'gcp-cloud-nat': 'Cloud NAT log',
  'aws-vpc-flow': 'AWS VPC flow log',
  'gcp-vpc-flow': 'Google VPC flow log',
  'azure-natgw-flow': 'Azure NAT gateway log',
  'conntrack-gw': 'conntrack of a gateway',
  'conntrack-node': 'conntrack of a node',
  'hubble-xlated': 'Hubble’s translated source',
  canary: 'Probe',
  'cegp-intent': 'Configuration',
  flow: 'Flow record',
}

/** `conntrack of a gateway, hop nat-gw`, of the connections that it is about. */
export const evidenceTitle = ({ kind, hop }: Pick<CellEvidence, 'kind' | 'hop'>): string =>
  `${KIND_WORD[kind]}${hop ? `, hop ${hop}` : ''}`

/** `nat-a: 20 proven right, 3 seen`. */
export function doorCounts({ sanctioned, violation, seen }: MatrixDoor): string {
  const parts = [
    [violation, 'proven outside'],
    [sanctioned, 'proven sanctioned'],
    [seen, 'seen, not proven'],
  ] as const
  return parts.flatMap(([count, words]) => (count > 0 ? [`${formatCount(count)} ${words}`] : [])).join(', ')
}

/** `3 connections: Unverified (no NAT log speaks of these connections) → Sanctioned`. */
export function changeWords({ from, to, connections }: VerdictChange): string {
  const word = ({ state, reason }: VerdictChange['from']) =>
    `${DOOR_WORD[state]}${reason && state === 'unverified' ? ` (${reasonWord(reason)})` : ''}`
  return `${formatCount(connections)} ${connections === 1 ? 'connection' : 'connections'}: ${word(from)} → ${word(to)}`
}
