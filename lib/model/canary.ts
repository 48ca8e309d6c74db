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

/** A probe with the place that its token named. */
export interface PlacedProbe extends CanaryProbe {
  readonly cluster: string
  readonly namespace: string
}

/** A probe as the sources page lists it. */
export interface ListedProbe extends PlacedProbe {
  /** False where the address is private: Postern was reached from within, before any NAT, and nothing is shown. */
  readonly isPublic: boolean
}

/** What the objects of a probe are called in its namespace: its CronJob or Deployment, its NetworkPolicy, and the Secret with its token. */
export const CANARY_NAME = 'postern-canary'
/**
 * Minutes between probes: at most the 15 that a probe speaks for, and divisors of an hour, since a cron schedule of others has
 * one short pause per hour.
 */
export const CANARY_INTERVALS = [1, 2, 3, 5, 10, 15] as const
