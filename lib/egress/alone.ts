import { MINUTE_MS, type UnixMillis } from '@/lib/model/units'
import type { OpenRange } from './nat-candidates'

/** A quiet connection may still be open this long: as in grouping of flow records. */
const OPEN_MS = 5 * MINUTE_MS
/** Windows of logs without ports last up to ten minutes; another owner of the address within them may be meant. */
const WINDOW_MS = 10 * MINUTE_MS

export interface Lived {
  readonly firstMs: UnixMillis
  readonly lastMs: UnixMillis
}

/** That an address was a pod's. */
export interface AddressLease {
  readonly uid: string
  readonly namespace: string
  readonly pod: string
  /** The address is the node's, and every such pod has it. */
  readonly hostNetwork: boolean
  readonly fromMs: UnixMillis
  /** Absent: it still is. */
  readonly toMs?: UnixMillis
}

/**
 * The stretch around a connection in which none of `others` was open; undefined where one was open with it. A connection counts
 * as open until five minutes after it was seen last.
 */
export function aloneAmong(connection: Lived, others: readonly Lived[]): OpenRange | undefined {
  let fromMs = Number.NEGATIVE_INFINITY
  let toMs = Number.POSITIVE_INFINITY
  for (const other of others) {
    if (other.lastMs + OPEN_MS < connection.firstMs) fromMs = Math.max(fromMs, other.lastMs + OPEN_MS)
    else if (other.firstMs > connection.lastMs) toMs = Math.min(toMs, other.firstMs)
    else return undefined
  }
  return rangeOf(fromMs, toMs)
}

/**
 * The stretch in which the connection's source address was its own pod's and nobody else's; undefined where that is not known: no
 * lease of that pod covers the connection, or another pod's overlaps it.
 */
export function ownedAlone(
  connection: Lived & { readonly namespace: string; readonly pod?: string },
  leases: readonly AddressLease[],
): OpenRange | undefined {
  const own = leases.filter(
    (lease) =>
      !lease.hostNetwork &&
      lease.namespace === connection.namespace &&
      (connection.pod === undefined || lease.pod === connection.pod) &&
      lease.fromMs <= connection.firstMs &&
      (lease.toMs ?? Number.POSITIVE_INFINITY) >= connection.lastMs,
  )
  const [one] = own
  if (!one || own.some(({ uid }) => uid !== one.uid)) return undefined
  let { fromMs, toMs = Number.POSITIVE_INFINITY } = one
  for (const lease of leases.filter(({ uid }) => uid !== one.uid)) {
    const endMs = lease.toMs ?? Number.POSITIVE_INFINITY
    if (endMs <= connection.firstMs) fromMs = Math.max(fromMs, endMs)
    else if (lease.fromMs >= connection.lastMs) toMs = Math.min(toMs, lease.fromMs)
    else return undefined
  }
  return rangeOf(fromMs, toMs)
}

/** True where leases say that the address had several owners, or a node's pods, within a log's window of the connection. */
export function isShared(connection: Lived, leases: readonly AddressLease[]): boolean {
  const near = leases.filter(
    (lease) =>
      lease.fromMs <= connection.lastMs + WINDOW_MS &&
      (lease.toMs ?? Number.POSITIVE_INFINITY) >= connection.firstMs - WINDOW_MS,
  )
  return near.some(({ hostNetwork }) => hostNetwork) || new Set(near.map(({ uid }) => uid)).size > 1
}

const rangeOf = (fromMs: number, toMs: number): OpenRange => ({
  ...(Number.isFinite(fromMs) && { fromMs }),
  ...(Number.isFinite(toMs) && { toMs }),
})
