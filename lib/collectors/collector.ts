import type { CollectorKind, CollectorStatus } from '@/lib/model/collector'
import type { SourceName } from '@/lib/model/source-name'

/** What a running collector may use of its surroundings. */
export interface CollectorContext {
  /** Aborts when the work must end: shut-down, or the duty went to another replica. */
  readonly signal: AbortSignal
  /** Says how things are, for the sources page and the log; the last word wins. Never throws. */
  report(status: CollectorStatus): void
  now(): number
}

/**
 * A long-lived way in. `run` works until the signal aborts, then ends in order: what was read is committed or left for the next run. It
 * throws where it cannot go on; the supervisor waits and runs it again, from the cursor committed last.
 */
export interface Collector {
  /** Unique; the key of its cursor. */
  readonly name: string
  readonly kind: CollectorKind
  readonly source: SourceName
  /** '' for listeners, whose senders say their cluster. */
  readonly cluster: string
  /** Where its settings say that it connects to or listens; a status may say it more exactly. */
  readonly address?: string
  /** True: one process of all replicas runs it at a time. Listeners run in each. */
  readonly isExclusive: boolean
  run(context: CollectorContext): Promise<void>
}

const BRAND = Symbol.for('postern.collector-failure')

/**
 * A failure in an operator's words. `isLasting`: trying again soon is useless (wrong certificate, no permission); it is
 * tried again all the same, rarely, because somebody may mend it.
 */
export class CollectorFailure extends Error {
  readonly [BRAND] = true
  constructor(
    message: string,
    readonly remedy: string,
    readonly isLasting = false,
    options: { readonly cause?: unknown } = {},
  ) {
    super(message, options)
    this.name = 'CollectorFailure'
  }
}

export function isCollectorFailure(error: unknown): error is CollectorFailure {
  return typeof error === 'object' && error !== null && BRAND in error
}
