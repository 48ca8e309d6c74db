import { MAX_LABELS_READ } from './peer'
import { field, RecordFault, record, text, type Wire } from './wire'

/** What the evidence view says of every record that came through Whisker. */
export const WHISKER_NOTES = [
  'from Whisker: endpoint types, the Service and counts of connections are not told; types are inferred from names',
] as const

const NETWORKS: ReadonlyMap<string, string> = new Map([
  ['PUBLIC NETWORK', 'pub'],
  ['PRIVATE NETWORK', 'pvt'],
])
/** goldmane.EndpointType */
const WORKLOAD = 1
const NETWORK = 4

/**
 * A `FlowResponse` of Whisker as Goldmane's `Flow`, as far as it can be told. Whisker drops the types of endpoints: a namespace
 * makes a workload, the two words for networks make a network, anything else stays without a type (host or network set).
 * Throws `RecordFault`. formats/calico.md §1.6
 */
export function flowOfWhisker(wire: Wire): Wire {
  const policies = record(wire, 'policies')
  return {
    Key: {
      ...endOf(wire, 'source'),
      ...endOf(wire, 'dest'),
      dest_port: field(wire, 'dest_port'),
      proto: text(wire, 'protocol'),
      reporter: field(wire, 'reporter'),
      action: field(wire, 'action'),
      ...(policies && {
        policies: { enforced_policies: field(policies, 'enforced'), pending_policies: field(policies, 'pending') },
      }),
    },
    start_time: secondsOf(wire, 'start_time'),
    end_time: secondsOf(wire, 'end_time'),
    source_labels: labelsOf(wire, 'source_labels'),
    dest_labels: labelsOf(wire, 'dest_labels'),
    packets_in: field(wire, 'packets_in'),
    packets_out: field(wire, 'packets_out'),
    bytes_in: field(wire, 'bytes_in'),
    bytes_out: field(wire, 'bytes_out'),
  }
}

function endOf(wire: Wire, side: 'source' | 'dest'): Wire {
  const told = text(wire, `${side}_name`)
  const namespace = text(wire, `${side}_namespace`)
  const name = namespace === '' ? (NETWORKS.get(told) ?? told) : told
  const isNetwork = namespace === '' && (name === 'pub' || name === 'pvt')
  const type = isNetwork ? NETWORK : namespace === '' ? undefined : WORKLOAD
  return { [`${side}_name`]: name, [`${side}_namespace`]: namespace, ...(type && { [`${side}_type`]: type }) }
}

const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/

/** RFC 3339 in whole seconds; absent is 0. */
function secondsOf(wire: Wire, key: string): number {
  const value = field(wire, key)
  if (value === undefined || value === null) return 0
  const ms = typeof value === 'string' && RFC3339.test(value) ? Date.parse(value) : Number.NaN
  if (Number.isNaN(ms)) throw new RecordFault('bad_value', `${key} is no RFC 3339 time`)
  return Math.floor(ms / 1000)
}

/** `a=b | c=d` in one text. */
function labelsOf(wire: Wire, key: string): readonly string[] {
  const value = field(wire, key)
  if (value === undefined || value === null || value === '') return []
  if (typeof value !== 'string') throw new RecordFault('bad_value', `${key} is not text`)
  return value.split(' | ', MAX_LABELS_READ)
}
