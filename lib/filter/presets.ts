/** An expression that many people want, under a name. */
export interface FilterPreset {
  readonly name: string
  readonly expression: string
  /** Of a comparison of two windows only. */
  readonly needs?: 'comparison'
}

/** Only what the data can tell: there are no latencies, so nothing is called slow. */
export const PRESETS: readonly FilterPreset[] = [
  { name: 'Denied', expression: 'is denied' },
  { name: 'Would be denied by staged policies', expression: 'is staged' },
  { name: 'Left by another address', expression: 'is violation' },
  { name: 'Way out not proven', expression: 'is unverified' },
  { name: 'Peers without a name', expression: 'is unnamed' },
  { name: 'No policy selected it', expression: 'verdict = allowed_no_policy' },
  { name: 'No verdict', expression: 'verdict = no_verdict' },
  { name: 'Open findings', expression: 'has finding' },
  { name: 'Errors', expression: 'errors > 0' },
  { name: 'AI calls without a trace', expression: 'is ai and no span' },
  { name: 'Traced, without a flow', expression: 'is traced and no flow' },
  { name: 'DNS', expression: 'port = 53' },
  { name: 'First seen in this window', expression: 'is new' },
  { name: 'Newcomers', expression: 'is newcomer' },
  { name: 'Changed between the windows', expression: 'has change', needs: 'comparison' },
  { name: 'Another verdict than before', expression: 'change = verdict', needs: 'comparison' },
]

/** What the help shows of the language, simple things first. docs/filter.md has more. */
export const EXAMPLES: readonly { readonly expression: string; readonly meaning: string }[] = [
  { expression: 'planner', meaning: 'a name has “planner” in it, at either end' },
  { expression: 'ns = agents', meaning: 'of the namespace agents' },
  { expression: 'src.ns = agents and port = 443', meaning: 'from agents, to port 443' },
  { expression: 'ns in (agents, shop) and not port = 53', meaning: 'of either namespace, but no lookups' },
  { expression: '(is denied or is staged) and dst.ns = data', meaning: 'denied, or soon, on the way into data' },
  { expression: 'host $= .openai.com and bytes > 10MB', meaning: 'much data to hosts that end so' },
  { expression: 'policy ~ "lock-down"', meaning: 'a policy with that in its name took part' },
  { expression: 'is ai and no span', meaning: 'AI traffic that no trace tells of' },
  { expression: 'is new and is dst.external', meaning: 'first seen in this window, on the way out' },
  { expression: 'change in (added, verdict)', meaning: 'while comparing: came, or has another verdict' },
]
