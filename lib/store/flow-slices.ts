import 'server-only'
import type { FlowPosition } from '@/lib/model/flow-list'
import { LIMITS } from '@/lib/model/limits'
import type { TimeRange } from '@/lib/model/time-range'
import { NS_PER_MS, nanoseconds } from './flow-form'

/** Records of which ways of reporting are meant, in which window. */
export interface FlowScope {
  readonly dataset: string
  readonly window: TimeRange
  readonly variantIds: readonly string[]
  /** Those of them whose records are intervals. */
  readonly intervalIds: readonly string[]
}

/** A stretch of the order that is read at once, newest first: from `below`, which is not part of it, down to `fromNs`, which is. */
export interface FlowSlice {
  readonly below: FlowPosition
  readonly fromNs: bigint
  readonly variantIds: readonly string[]
  /** Set in stretches before the window: only what reaches up to this moment is meant. */
  readonly untilNs?: bigint
}

/** Up to so many ways of reporting are looked up in the whole window at once: each may bring a whole page. */
export const FEW_VARIANTS = 64
/** Of more, this stretch first, then twice as much, and so on. */
const FIRST_SLICE_NS = BigInt(15 * 60_000) * BigInt(NS_PER_MS)
/** Smaller than every key: below (t, LOWEST_KEY) is all that began before t. */
export const LOWEST_KEY = '-9223372036854775808'

export const isBelow = (position: FlowPosition, startNs: bigint): boolean => BigInt(position.startNs) < startNs

/** Where a window's records begin in the order. */
export const topOf = ({ toMs }: TimeRange): FlowPosition => ({
  startNs: nanoseconds(toMs).toString(),
  recordKey: LOWEST_KEY,
})

/**
 * The stretches below a position that hold what is meant, newest first, each once: the window itself, then of intervals what began up to
 * `flowReachMs` before it. In the order of the table, so that whoever has a page full need not look further.
 */
export function* slicesBelow(scope: FlowScope, from: FlowPosition): Generator<FlowSlice> {
  const startNs = nanoseconds(scope.window.fromMs)
  const reachNs = nanoseconds(scope.window.fromMs - LIMITS.flowReachMs)
  yield* stretches(scope.variantIds, from, startNs)
  const top = isBelow(from, startNs) ? from : { startNs: startNs.toString(), recordKey: LOWEST_KEY }
  for (const slice of stretches(scope.intervalIds, top, reachNs)) yield { ...slice, untilNs: startNs }
}

const isEnd = ({ startNs, recordKey }: FlowPosition, fromNs: bigint): boolean =>
  BigInt(startNs) < fromNs || (BigInt(startNs) === fromNs && recordKey === LOWEST_KEY)

function* stretches(variantIds: readonly string[], top: FlowPosition, fromNs: bigint): Generator<FlowSlice> {
  let below = top
  let lengthNs = FIRST_SLICE_NS
  // A position at the very start may have siblings of the same nanosecond behind it.
  while (variantIds.length > 0 && !isEnd(below, fromNs)) {
    const endNs = variantIds.length <= FEW_VARIANTS ? fromNs : BigInt(below.startNs) - lengthNs
    const sliceFromNs = endNs > fromNs ? endNs : fromNs
    yield { below, fromNs: sliceFromNs, variantIds }
    if (sliceFromNs === fromNs) return
    below = { startNs: sliceFromNs.toString(), recordKey: LOWEST_KEY }
    lengthNs *= 2n
  }
}
