/** A value of a log record as plain JSON, as the decoders of flow records read it. */
export type PlainValue = string | number | boolean | null | readonly PlainValue[] | PlainRecord
export interface PlainRecord {
  readonly [key: string]: PlainValue
}

/** Why a log record can already be told to be unusable while it is read. */
export type LogFlaw = 'line_too_long' | 'nested_too_deep' | 'not_an_object' | 'not_a_log'

/** One log record as sent. Times, severity and ids are not read: flow records carry their own. */
export interface WireLog {
  readonly body: PlainValue
  readonly attributes: PlainRecord
  readonly flaw?: LogFlaw
}

/** Receives log records in the order of the body. */
export interface LogSink {
  log(log: WireLog, resource: PlainRecord): void
}

/** What is read of one log record at most. */
export interface LogBounds {
  /** Bytes of the record in protobuf; in JSON, characters of its texts and 8 for each value. */
  readonly maxBytes: number
  readonly maxDepth: number
}

/** Sets a key of a record that hostile input names: `__proto__` would change the object, and is no key of any format. */
export function putPlain(into: Record<string, PlainValue>, key: string, value: PlainValue): void {
  if (key !== '__proto__') into[key] = value
}

/** 64-bit integers beyond 2^53 stay text, as protojson writes them. */
export const plainInteger = (value: number | bigint): number | string =>
  typeof value === 'bigint' ? String(value) : value
