import type { UnixMillis } from './units'

/** A provider as the catalogue page shows it. */
export interface ProviderRow {
  readonly id: string
  readonly name: string
  readonly category: string
  /** bundled: as shipped · extended: bundled, with hosts of the operator's · own: the operator's. */
  readonly origin: 'bundled' | 'extended' | 'own'
  readonly hosts: readonly ProviderHost[]
  /** Addresses that clients connect to, as far as the vendor publishes them; `exclusive`: of this vendor alone. */
  readonly inbound?: { readonly cidrs: readonly string[]; readonly exclusive: boolean }
  /** How the provider's API is restricted to source addresses; absent = nothing known either way, not "no". */
  readonly allowList?: {
    readonly how: string
    readonly verified: boolean
    readonly source?: string
    /** An operator's word that the list at the provider is on. */
    readonly confirmed?: { readonly by: string; readonly atMs: UnixMillis; readonly addresses: readonly string[] }
  }
  /** What the rules in force say calls leave by: what belongs on the provider's list. */
  readonly register: readonly RegisterAddress[]
  readonly isDenied: boolean
}

export interface ProviderHost {
  /** Exact, `*.suffix`, or with a `*` in a label. */
  readonly host: string
  readonly role: string
  readonly aiExclusive: boolean
  readonly isOwn: boolean
}

/** An address to register at a provider. */
export interface RegisterAddress {
  readonly cidr: string
  /** Egress point that has it; absent where a rule names the address itself. */
  readonly point?: string
  readonly rules: readonly string[]
}

/** What one host name is, by the catalogue in force. */
export interface HostAnswer {
  readonly host: string
  readonly provider?: { readonly id: string; readonly name: string; readonly role: string; readonly certain: boolean }
}
