/**
 * Numbers that get confused, told apart by flavour: a plain number is accepted, another flavour is not.
 * Times are Unix times; a range of times is half-open, `[from, to)`.
 */
export type UnixMillis = number & { readonly unit?: 'unix-ms' }
/** Unix nanoseconds, as bigint: a verdict and its drop are 13 µs apart, which a double of milliseconds cannot hold. */
export type UnixNanos = bigint & { readonly unit?: 'unix-ns' }
export type Millis = number & { readonly unit?: 'ms' }
export type Bytes = number & { readonly unit?: 'bytes' }

export const SECOND_MS = 1000
export const MINUTE_MS = 60 * SECOND_MS
export const HOUR_MS = 60 * MINUTE_MS
export const DAY_MS = 24 * HOUR_MS
