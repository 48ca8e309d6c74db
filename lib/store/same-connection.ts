import 'server-only'
import { CLOCK_SKEW_MS } from '@/lib/egress/grade-observation'
import { OPEN_MS } from './group-connections'

/** A connection that only NAT records tell of. `lastMs` is its end, or `firstMs` where that was not seen. */
export interface NatLife {
  readonly firstMs: number
  readonly lastMs: number
}

/** A connection that flow records tell of. */
export interface FlowLife {
  readonly firstMs: number
  readonly lastMs: number
  /** When its opening was seen; undefined where only later packets were. */
  readonly openedMs?: number | undefined
  /** Of records of an interval: it was opened between `openedMs` and this. Absent = at `openedMs`. */
  readonly openedToMs?: number | undefined
}

/**
 * Whether a NAT record and flow records of one tuple tell of the same connection: they begin within the skew of clocks (a record
 * of an interval tells no moment, so anywhere in it), or, where flow records saw only later packets, they were alive together. The
 * one rule for both orders of arrival.
 */
export function isSameConnection(nat: NatLife, flow: FlowLife): boolean {
  const { openedMs, openedToMs = openedMs } = flow
  if (openedMs !== undefined && openedToMs !== undefined)
    return nat.firstMs >= openedMs - CLOCK_SKEW_MS && nat.firstMs <= openedToMs + CLOCK_SKEW_MS
  const natEndMs = nat.lastMs > nat.firstMs ? nat.lastMs : nat.firstMs + OPEN_MS
  return nat.firstMs <= flow.lastMs + CLOCK_SKEW_MS && natEndMs >= flow.firstMs - CLOCK_SKEW_MS
}
