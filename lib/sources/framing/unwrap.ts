const WRAPPER_KEYS = ['log', 'message', 'line', '_raw', '_msg', 'body', 'stringValue'] as const
/** `2026-01-01T00:00:00.0Z stdout F {…}`: what a container runtime puts before each line. */
/** What a container runtime puts before each line of a log. */
export const CRI_PREFIX = /^\S{1,64} (?:stdout|stderr) [FP] /

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * The record inside a log shipper's wrapper (Fluent Bit `log`, Vector `message`, Loki `line`, OpenTelemetry `body` …), or the value itself.
 * At most three wrappers deep. A wrapper whose text is no JSON answers undefined.
 */
export function unwrapShipper(
  value: Readonly<Record<string, unknown>>,
  isBare: (record: Readonly<Record<string, unknown>>) => boolean,
): Readonly<Record<string, unknown>> | undefined {
  let current = value
  for (let depth = 0; depth < 3 && !isBare(current); depth += 1) {
    const holder = current
    const key = WRAPPER_KEYS.find((name) => typeof holder[name] === 'string' || isRecord(holder[name]))
    if (!key) return current
    const inner = parseInner(current[key])
    if (!inner) return undefined
    current = inner
  }
  return current
}

function parseInner(value: unknown): Readonly<Record<string, unknown>> | undefined {
  if (isRecord(value)) return value
  if (typeof value !== 'string') return undefined
  try {
    const inner: unknown = JSON.parse(value.replace(CRI_PREFIX, ''))
    return isRecord(inner) ? inner : undefined
  } catch {
    return undefined
  }
}
