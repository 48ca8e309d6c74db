/** What a host of a provider is for; only some roles say "a model call" (see match-provider). */
export type HostRole = 'inference' | 'control' | 'ui' | 'cdn' | 'hub' | 'data' | 'telemetry' | 'app' | (string & {})

/** One host pattern: an exact name, `*.suffix` (one or more leading labels), or a `*` inside (one label or the rest of one). */
export interface CatalogueHost {
  readonly host: string
  readonly role: HostRole
  /** Absent = true. False: the host also serves other traffic, so a match is "possible", never "certain". */
  readonly aiExclusive?: boolean
}

/** How a provider's refusal of a source address looks to the caller. */
export interface SourceIpRejection {
  readonly httpStatus: number
  readonly errorCode?: string
  readonly errorType?: string
  readonly messageContains?: string
}

export interface CatalogueProvider {
  readonly id: string
  readonly name: string
  /** llm, gateway, image, speech, observability, vectordb, hub, embedding. */
  readonly category: string
  /** Registered `gen_ai.provider.name`, where there is one. */
  readonly otelName?: string
  /** Other spellings that instrumentations emit. */
  readonly otelAliases?: readonly string[]
  readonly hosts: readonly CatalogueHost[]
  /** Published addresses that clients connect to. Only ranges that are the provider's alone may name it. */
  readonly inbound?: { readonly cidrs: readonly string[]; readonly exclusive: boolean; readonly source?: string }
  /** How to restrict the provider's API to source addresses. Absent = nothing known either way, not "no". */
  readonly allowList?: { readonly how: string; readonly verified: boolean; readonly source?: string }
  readonly rejections?: readonly SourceIpRejection[]
}

/** All terms must hold. A value is one of the listed ones, `*` (any), or `prefix*`. */
export interface LabelTerm {
  readonly key: string
  readonly values: readonly string[]
}

export interface LabelSignature {
  readonly all: readonly LabelTerm[]
  /** True for labels that other software carries too (`component=router`): they count only beside a port. */
  readonly weak?: boolean
}

export interface WorkloadSignature {
  readonly id: string
  readonly name: string
  readonly kind: string
  readonly role: 'agent' | 'model-server' | 'gateway' | 'vector-store' | 'app'
  readonly ports: readonly { readonly port: number; readonly use: string }[]
  readonly labels: readonly LabelSignature[]
  readonly images: readonly string[]
  /** source: read in the project's own code · partial · heuristic: then even a label match is not certain. */
  readonly evidence: 'source' | 'partial' | 'heuristic' | (string & {})
}
