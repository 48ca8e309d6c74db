import type { RejectReason } from '@/lib/model/decoded'
import { isRecord, unwrapShipper } from '@/lib/sources/framing/unwrap'
import type { Wire } from './wire'

export type FoundFlows =
  | { readonly flows: readonly Wire[] }
  | { readonly reason: RejectReason; readonly detail: string }

const MAX_FLOWS = 100_000
const MAX_NESTING = 4

const keyOf = (wire: Wire): unknown => wire.Key ?? wire.key
const isFlow = (wire: Wire): boolean => isRecord(keyOf(wire))
const isList = (wire: Wire): boolean => Array.isArray(wire.flows) && wire.items === undefined

/**
 * The Goldmane flows of one JSON record: a bare `Flow`, a `FlowResult` or `FlowUpdate` around it, a `FlowListResult`, the
 * `result` that HTTP gateways put around those, the `raw` of collectors, in any shipper's wrapper. Other things that Calico
 * and its neighbours write are recognised and named. formats/calico.md §1.5, §8
 */
export function findFlows(value: Wire, depth = 0): FoundFlows {
  if (Object.keys(value).length === 0) return { reason: 'empty_record', detail: 'an empty object' }
  const wire = unwrapShipper(value, isKnown)
  if (!wire) return unreadableWrapper(value)
  if (isFlow(wire)) return { flows: [wire] }
  if (isRecord(wire.flow) && isFlow(wire.flow)) return { flows: [wire.flow] }
  if (isList(wire)) return flowsOfList(wire.flows)
  const stranger = recogniseRecord(wire)
  if (stranger) return { reason: 'unsupported_dialect', detail: stranger }
  for (const key of ['result', 'raw', '_source'] as const) {
    const inner = wire[key]
    if (isRecord(inner) && depth < MAX_NESTING) return findFlows(inner, depth + 1)
  }
  return { reason: 'no_flow', detail: 'no Goldmane flow: neither `Key`, nor `flow.Key`, nor `flows`' }
}

function flowsOfList(entries: unknown): FoundFlows {
  if (!Array.isArray(entries)) return { reason: 'no_flow', detail: '`flows` is not a list' }
  if (entries.length > MAX_FLOWS) return { reason: 'bad_value', detail: `\`flows\` has more than ${MAX_FLOWS} entries` }
  const flows: Wire[] = []
  for (const [index, entry] of entries.entries()) {
    const flow = isRecord(entry) && isRecord(entry.flow) ? entry.flow : entry
    if (!isRecord(flow) || !isFlow(flow))
      return { reason: 'no_flow', detail: `entry ${index} of \`flows\` has no \`Key\`` }
    flows.push(flow)
  }
  return { flows }
}

const isKnown = (wire: Wire): boolean =>
  isFlow(wire) || isRecord(wire.flow) || isList(wire) || recogniseRecord(wire) !== undefined

/** Names the dialect of a JSON record that is none of Goldmane's flows; undefined where nothing is recognised. */
function recogniseRecord(wire: Wire): string | undefined {
  if ('source_name_aggr' in wire || 'dest_name_aggr' in wire) return 'a Calico Enterprise or Cloud flow log'
  if ('qname' in wire && 'rrsets' in wire) return 'a Calico Enterprise DNS log'
  if (Array.isArray(wire.items) && isRecord(wire.total)) return 'an answer of the Whisker REST API'
  if (typeof wire.source_labels === 'string' || (isRecord(wire.policies) && 'enforced' in wire.policies))
    return 'a flow of the Whisker REST API'
  if (Array.isArray(wire.resourceLogs) || Array.isArray(wire.resource_logs)) return 'OTLP logs'
  if (Array.isArray(wire.resourceSpans)) return 'OTLP traces: send them to /v1/traces'
  if (isRecord(wire.flow) && ('verdict' in wire.flow || 'IP' in wire.flow))
    return 'a Hubble flow: send it to /api/ingest/hubble'
  if (Array.isArray(wire.hints)) return 'Goldmane filter hints, which are no flows'
  if ('allowed_in' in wire || 'allowedIn' in wire) return 'Goldmane policy statistics, which are no flows'
  return undefined
}

/** Names the dialect of a line that is no JSON; undefined where nothing is recognised. */
export function recogniseText(line: string): string | undefined {
  const start = line.slice(0, 256)
  if (/^<\d{1,3}>/.test(start)) return 'syslog: send the JSON of its message'
  if (/^\d{9,11} \d{9,11} (?:wep|hep|ns|net) /.test(start))
    return 'the space-delimited flow log of old Calico Enterprise'
  if (/^\s*- Time=.* Reporter=/.test(start)) return 'the text output of `calico-node -flows`'
  if (/^data: ?\{/.test(start)) return 'the event stream of the Whisker REST API'
  if (/calico-packet: /.test(start)) return 'kernel lines of the policy action Log'
  return undefined
}

function unreadableWrapper(value: Wire): FoundFlows {
  const texts = Object.values(value).filter((part): part is string => typeof part === 'string')
  const dialect = texts.map(recogniseText).find((name) => name !== undefined)
  return dialect
    ? { reason: 'unsupported_dialect', detail: dialect }
    : { reason: 'not_json', detail: 'the wrapped log line is no JSON object' }
}
