import { isRecord } from '@/lib/sources/framing/unwrap'

type Wire = Readonly<Record<string, unknown>>

/** 9999-12-31T23:59:59Z and 0001-01-01T00:00:00Z: what a protobuf Timestamp may hold. */
const LAST_SECOND = 253_402_300_799
const FIRST_SECOND = -62_135_596_800

/**
 * A GetFlowsResponse, as a protobuf library decodes it with proto names, enums and 64-bit integers as text, in the shape that
 * protojson gives the same message: what the JSON decoder reads. Timestamps become RFC 3339, wrappers their value;
 * unset fields stay unset, enum numbers without a name stay numbers. What is no record is handed on as it is.
 */
export function recordFromProtobuf(response: unknown): unknown {
  if (!isRecord(response)) return response
  return {
    ...response,
    ...times(response, ['time']),
    ...(isRecord(response.flow) && { flow: flowFromProtobuf(response.flow) }),
    ...(isRecord(response.lost_events) && {
      lost_events: { ...response.lost_events, ...times(response.lost_events, ['first', 'last']) },
    }),
  }
}

const flowFromProtobuf = (flow: Wire): Wire => ({
  ...flow,
  ...times(flow, ['time']),
  ...(isRecord(flow.is_reply) && { is_reply: flow.is_reply.value ?? false }),
})

function times(wire: Wire, keys: readonly string[]): Wire {
  return Object.fromEntries(keys.filter((key) => key in wire).map((key) => [key, timestamp(wire[key])]))
}

/** RFC 3339 with 0, 3, 6 or 9 decimals, as protojson writes it; undefined where it is no time. */
function timestamp(value: unknown): string | undefined {
  if (!isRecord(value)) return undefined
  const [seconds, nanos] = [Number(value.seconds ?? 0), Number(value.nanos ?? 0)]
  const isTime =
    Number.isInteger(seconds) &&
    seconds >= FIRST_SECOND &&
    seconds <= LAST_SECOND &&
    Number.isInteger(nanos) &&
    nanos >= 0 &&
    nanos < 1e9
  if (!isTime) return undefined
  const whole = new Date(seconds * 1000).toISOString().slice(0, 19)
  const decimals =
    nanos === 0
      ? ''
      : `.${String(nanos)
          .padStart(9, '0')
          .replace(/(?:000){1,2}$/, '')}`
  return `${whole}${decimals}Z`
}
