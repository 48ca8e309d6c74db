import { isRecord } from '@/lib/sources/framing/unwrap'
import { OBSERVER } from './protocol'

type Wire = Readonly<Record<string, unknown>>

/**
 * For tests: the protobuf bytes of a GetFlowsResponse given as protojson prints it, or of what an exporter line holds. Keys that
 * the protocol does not know are left out.
 */
export function encodeResponse(json: Wire): Buffer {
  return OBSERVER.getFlows.responseSerialize(responseShape(json))
}

/** For tests: the same, as the object that a protobuf library encodes. */
export function responseShape(json: Wire): Wire {
  return {
    ...json,
    ...times(json, ['time']),
    ...(isRecord(json.flow) && {
      flow: {
        ...json.flow,
        ...times(json.flow, ['time']),
        ...(typeof json.flow.is_reply === 'boolean' && { is_reply: { value: json.flow.is_reply } }),
      },
    }),
    ...(isRecord(json.lost_events) && {
      lost_events: {
        ...json.lost_events,
        ...times(json.lost_events, ['first', 'last']),
        ...(typeof json.lost_events.cpu === 'number' && { cpu: { value: json.lost_events.cpu } }),
      },
    }),
  }
}

function times(wire: Wire, keys: readonly string[]): Wire {
  return Object.fromEntries(
    keys.flatMap((key) => {
      const value = wire[key]
      return typeof value === 'string' ? [[key, timestamp(value)]] : []
    }),
  )
}

function timestamp(text: string): { readonly seconds: string; readonly nanos: number } {
  const [whole = '', decimals = ''] = text.replace('Z', '').split('.')
  return { seconds: String(Date.parse(`${whole}Z`) / 1000), nanos: Number(decimals.padEnd(9, '0')) }
}
