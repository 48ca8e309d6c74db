import type { RejectReason } from '@/lib/model/decoded'
import { isRecord, unwrapShipper } from '@/lib/sources/framing/unwrap'
import { recogniseStranger, recogniseText } from './strangers'
import type { Wire } from './wire'

export interface FoundRecord {
  readonly dialect: 'goldmane' | 'whisker' | 'enterprise'
  readonly wire: Wire
}
export type FoundRecords =
  | { readonly records: readonly FoundRecord[] }
  | { readonly reason: RejectReason; readonly detail: string }

const MAX_FLOWS = 100_000
const MAX_NESTING = 4

const keyOf = (wire: Wire): unknown => wire.Key ?? wire.key
const isFlow = (wire: Wire): boolean => isRecord(keyOf(wire))
const isList = (wire: Wire): boolean => Array.isArray(wire.flows) && wire.items === undefined
/** Whisker's list answer. */
const isPage = (wire: Wire): boolean => Array.isArray(wire.items) && isRecord(wire.total)

/**
 * The flows of one JSON record: Goldmane's bare `Flow`, a `FlowResult` or `FlowUpdate` around it, a `FlowListResult`, the
 * `result` that HTTP gateways put around those, the `raw` of collectors; Whisker's `FlowResponse`, alone or as a page; a flow log of
 * Enterprise; each in any shipper's wrapper. Other things that Calico and its neighbours write are recognised and named.
 * formats/calico.md §1.5, §8
 */
export function findRecords(value: Wire, depth = 0): FoundRecords {
  if (Object.keys(value).length === 0) return { reason: 'empty_record', detail: 'an empty object' }
  const wire = unwrapShipper(value, isKnown)
  if (!wire) return unreadableWrapper(value)
  const own = recordOf(wire)
  if (own) return { records: [own] }
  if (isList(wire)) return recordsOfList(wire.flows, 'flows')
  const stranger = recogniseStranger(wire)
  if (stranger) return { reason: 'unsupported_dialect', detail: stranger }
  if (isPage(wire)) return recordsOfList(wire.items, 'items')
  for (const key of ['result', 'raw', '_source'] as const) {
    const inner = wire[key]
    if (isRecord(inner) && depth < MAX_NESTING) return findRecords(inner, depth + 1)
  }
  return { reason: 'no_flow', detail: 'no Calico flow: neither `Key`, nor `flow.Key`, nor `source_name_aggr`' }
}

/** The one flow that a record is; undefined where it is none or several. */
function recordOf(wire: Wire): FoundRecord | undefined {
  if (isFlow(wire)) return { dialect: 'goldmane', wire }
  if (isRecord(wire.flow) && isFlow(wire.flow)) return { dialect: 'goldmane', wire: wire.flow }
  if (isEnterprise(wire)) return { dialect: 'enterprise', wire }
  return isWhisker(wire) ? { dialect: 'whisker', wire } : undefined
}

/** L7 and DNS logs have some of these names too. */
const isEnterprise = (wire: Wire): boolean =>
  ('source_name_aggr' in wire || 'dest_name_aggr' in wire) && recogniseStranger(wire) === undefined

const isWhisker = (wire: Wire): boolean =>
  'source_name' in wire && 'protocol' in wire && !('proto' in wire) && typeof wire.start_time === 'string'

function recordsOfList(entries: unknown, name: 'flows' | 'items'): FoundRecords {
  if (!Array.isArray(entries)) return { reason: 'no_flow', detail: `\`${name}\` is not a list` }
  if (entries.length > MAX_FLOWS)
    return { reason: 'bad_value', detail: `\`${name}\` has more than ${MAX_FLOWS} entries` }
  const records: FoundRecord[] = []
  for (const [index, entry] of entries.entries()) {
    const found = isRecord(entry) ? recordOf(entry) : undefined
    if (!found) return { reason: 'no_flow', detail: `entry ${index} of \`${name}\` is no flow` }
    records.push(found)
  }
  return { records }
}

const isKnown = (wire: Wire): boolean =>
  recordOf(wire) !== undefined ||
  isRecord(wire.flow) ||
  isList(wire) ||
  isPage(wire) ||
  recogniseStranger(wire) !== undefined

function unreadableWrapper(value: Wire): FoundRecords {
  const texts = Object.values(value).filter((part): part is string => typeof part === 'string')
  const dialect = texts.map(recogniseText).find((name) => name !== undefined)
  return dialect
    ? { reason: 'unsupported_dialect', detail: dialect }
    : { reason: 'not_json', detail: 'the wrapped log line is no JSON object' }
}
