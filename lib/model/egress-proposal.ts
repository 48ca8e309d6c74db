import type { PathInput, PointInput, RuleInput } from './egress-schema'

/** Entries that could be made of what is seen. Never in force by itself: it fills forms, which a person reads and saves. */
export interface EgressProposal {
  /** Stable while what it is made of stays. */
  readonly id: string
  /** An egress policy of Cilium, an egress gateway of Calico, or an address that was seen. */
  readonly source: 'cilium' | 'calico' | 'observed'
  readonly cluster: string
  readonly title: string
  /** What it is made of, as sentences. */
  readonly evidence: readonly string[]
  /** What may be wrong about it, as sentences: to be looked at before anything is saved. */
  readonly warnings: readonly string[]
  /** Without public addresses where nothing tells them: then the form asks. */
  readonly point: PointInput
  /** Where no path says yet which hop is the last. */
  readonly path?: PathInput
  /** At most 20. */
  readonly rules: readonly RuleInput[]
}
