import { MINUTE_MS, SECOND_MS, type UnixMillis } from '@/lib/model/units'
import type { Lived } from './alone'
import { CLOCK_SKEW_MS } from './grade-observation'

/** A quiet connection may still be open this long, and records of one opening lie within this: as in grouping of flow records. */
export const RIVAL_OPEN_MS = 5 * MINUTE_MS
export const RIVAL_OPENING_MS = 3 * SECOND_MS

/** Another connection of the same pod's address to the same server and port. */
export interface ClaimNeighbour extends Lived {
  readonly edgeId: string
  readonly protocol: string
  readonly clientPort?: number | null
  /** When its opening was seen; absent where it was not. */
  readonly openedMs?: UnixMillis | null
  /** The pod's own node does not tell of it, so that it has no name of its own. */
  readonly isUnnamed: boolean
}

/** A translated address as a record without the client's port told it (TranslatedClaim). */
export interface PortlessClaim {
  readonly atMs: UnixMillis
  readonly isOpening: boolean
}

/**
 * Whether such a claim can mean another connection than the one that it is attached to. Its time tells openings of one name apart. Where
 * the pod had connections by two names of one address, nothing does: the node that claims knows no name. A neighbour with the
 * connection's own port is the same connection, named otherwise.
 */
export function hasRival(
  claim: PortlessClaim,
  connection: Pick<ClaimNeighbour, 'edgeId' | 'protocol' | 'isUnnamed'> & { readonly clientPort: number | null },
  neighbours: readonly ClaimNeighbour[],
): boolean {
  return neighbours.some((other) => {
    const isSame = connection.clientPort !== null && other.clientPort === connection.clientPort
    if (isSame || other.protocol !== connection.protocol) return false
    const isOneName = other.isUnnamed || connection.isUnnamed || other.edgeId === connection.edgeId
    const isTimed = claim.isOpening && isOneName
    return isTimed ? mayHaveOpened(other, claim.atMs) : mayBeOpen(other, claim.atMs)
  })
}

const mayHaveOpened = ({ openedMs, firstMs }: ClaimNeighbour, atMs: UnixMillis): boolean =>
  typeof openedMs === 'number'
    ? Math.abs(openedMs - atMs) <= RIVAL_OPENING_MS
    : atMs >= firstMs - RIVAL_OPEN_MS && atMs <= firstMs + RIVAL_OPENING_MS

const mayBeOpen = ({ openedMs, firstMs, lastMs }: ClaimNeighbour, atMs: UnixMillis): boolean =>
  atMs >= (typeof openedMs === 'number' ? openedMs - CLOCK_SKEW_MS : firstMs - RIVAL_OPEN_MS) &&
  atMs <= lastMs + RIVAL_OPEN_MS
