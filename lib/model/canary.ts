import type { UnixMillis } from './units'

/**
 * seen: the address stood on the connection by which the probe reached Postern, or a trusted proxy told it · told: the probe
 * itself says which address another echo service answered. The workload's word: it may accuse, never acquit.
 */
export type ProbeBasis = 'seen' | 'told'

/** By which address a pod of a namespace left, at one time: a sample of the way, not of any connection. */
export interface CanaryProbe {
  /** Node that it ran on, by its own word; '' where it did not say. */
  readonly node: string
  /** Source address, canonical. A private one was seen inside the network, before any NAT of the way out: it shows nothing. */
  readonly address: string
  readonly basis: ProbeBasis
  readonly atMs: UnixMillis
}
