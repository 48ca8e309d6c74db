import type { DecodeResult } from '@/lib/model/decoded'
import type { ReadRecord } from './framing/json-records'

/**
 * Turns the records of one batch into model values. Pure: no I/O, no clock. A decoder lives for one batch, so that it may
 * relate records to each other (Calico's split records); a bad record becomes a reject and never throws.
 */
export interface BatchDecoder {
  /** One record in input order; `line` is 1-based. `value` is untrusted, as parsed from JSON. */
  push(value: unknown, line: number): void
  /** Takes a record from its text where it can do so without JSON.parse, with the result that `push` of the parsed record has. */
  readonly read?: ReadRecord
  /** Closes the batch. May be called once. */
  finish(): DecodeResult
}

/** Turns the lines of one batch into model values; as `BatchDecoder`, for text. */
export interface LineDecoder {
  /** One line without its end, `n` counting from 1. Blank lines are nothing. */
  pushLine(line: string, n: number): void
  /** Closes the batch. May be called once. */
  finish(): DecodeResult
}
