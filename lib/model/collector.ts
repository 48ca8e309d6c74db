import type { SourceName } from './source-name'
import type { UnixMillis } from './units'

/** Long-lived ways in: clients that pull, and listeners of their own beside the main port. */
export const COLLECTOR_KINDS = [
  'hubble-relay',
  'goldmane',
  'goldmane-node',
  'whisker',
  'kubernetes',
  'syslog',
  'otlp-grpc',
  'otlp-http',
] as const
export type CollectorKind = (typeof COLLECTOR_KINDS)[number]

/**
 * starting · connected: working · retrying: lost or refused, tried again by itself · failed: will not work until somebody
 * changes something · standby: another replica does this duty · stopped.
 */
export const COLLECTOR_STATES = ['starting', 'connected', 'retrying', 'failed', 'standby', 'stopped'] as const
export type CollectorState = (typeof COLLECTOR_STATES)[number]

/** What a collector says of itself. Text is for people and holds no secret. */
export interface CollectorStatus {
  readonly state: CollectorState
  /** What is going on, in a sentence: `connection refused`, `certificate signed by an unknown authority`. */
  readonly detail?: string
  /** What the operator can do about it. */
  readonly remedy?: string
  /** Where it connects to or listens: host:port, socket path. */
  readonly address?: string
  /** Hubble Relay: nodes that report, and those that do not. */
  readonly nodes?: {
    readonly connected: number
    readonly unavailable: number
    /** Names of those that do not report, at most 20. */
    readonly unavailableNames: readonly string[]
  }
  /** Kubernetes: kinds that are not watched, with why (`forbidden`, `not installed`), at most 40. */
  readonly missingKinds?: readonly { readonly kind: string; readonly why: string }[]
}

/** A collector as the sources page shows it. */
export interface Collector extends CollectorStatus {
  readonly name: string
  readonly kind: CollectorKind
  /** Source that its records count for. */
  readonly source: SourceName
  /** '' for listeners, whose senders say their cluster. */
  readonly cluster: string
  readonly sinceMs: UnixMillis
  readonly updatedMs: UnixMillis
}
