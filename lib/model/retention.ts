import type { Millis } from './units'

/** Evidence rows (flow records, spans, NAT records, connections), and the edge buckets of each grain. */
export const RETENTION_CLASSES = ['evidence', 'buckets15s', 'buckets1m', 'buckets1h'] as const
export type RetentionClass = (typeof RETENTION_CLASSES)[number]

/** How long live rows of each class are kept, in milliseconds of the records' own time. Pinned datasets are kept for good. */
export type Retention = Readonly<Record<RetentionClass, Millis>> & {
  /** The audit log, by when something was done; default `AUDIT_KEPT_MS`. */
  readonly audit?: Millis
}

export const AUDIT_KEPT_MS: Millis = 400 * 24 * 3_600_000

/** A short link that nobody opened for so long goes. */
export const SHORT_LINK_KEPT_MS: Millis = 180 * 24 * 3_600_000

/**
 * Rows stay that much longer than their retention, so that a record that was taken just before it became too old still
 * finds its partition when it is committed.
 */
export const RETENTION_SLACK_MS: Millis = 3_600_000

/** How old a live record may be: both its evidence and its 15-second bucket must be kept. */
export const recordHorizonMs = (retention: Retention): Millis => Math.min(retention.evidence, retention.buckets15s)
