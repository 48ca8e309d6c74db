import type { HostAnswer, ProviderRow } from '@/lib/model/provider'

/** What a category is called on screen. */
export const CATEGORY_WORD: Readonly<Record<string, string>> = {
  llm: 'Model provider',
  gateway: 'Gateway',
  image: 'Images',
  speech: 'Speech',
  observability: 'Tracing of prompts',
  vectordb: 'Vector store',
  hub: 'Model hub',
  embedding: 'Embeddings',
}

/** What a call to a host of a role is. */
export const ROLE_WORD: Readonly<Record<string, string>> = {
  inference: 'model calls',
  control: 'control plane',
  data: 'data',
  telemetry: 'telemetry',
  hub: 'downloads',
  ui: 'website',
  cdn: 'static files',
  app: 'application',
}

/** One sentence on what the catalogue says of a host. */
export function hostSentence({ host, provider }: HostAnswer): string {
  if (!provider) return `${host} is of no provider that the catalogue knows.`
  const role = ROLE_WORD[provider.role] ?? provider.role
  return provider.certain
    ? `${host} is ${provider.name} (${role}); a call to it is judged.`
    : `${host} is ${provider.name} (${role}); that alone does not make a call to it an AI call, so it is possible only.`
}

/** One sentence on what to register at a provider. */
export function registerSentence({ name, register, allowList }: ProviderRow): string {
  if (register.length === 0) return `No egress rule speaks of ${name}, so there is no address to register.`
  const isOne = register.length === 1
  const count = isOne ? 'One address or network' : `${register.length} addresses or networks`
  return allowList
    ? `${count} ${isOne ? 'belongs' : 'belong'} on the list of ${name}, and no other.`
    : `Calls to ${name} leave by ${count}. Whether it can restrict its API to addresses is not known.`
}

/** What a person narrows the catalogue by; '' = all. */
export interface ProviderFilter {
  /** Part of a name, an id or a host. */
  readonly text: string
  readonly category: string
  readonly only: string
}

/** The rows that a filter leaves, in their order. */
export function providersLike(
  providers: readonly ProviderRow[],
  { text, category, only }: ProviderFilter,
): readonly ProviderRow[] {
  const part = text.trim().toLowerCase()
  return providers.filter(
    (row) =>
      (category === '' || row.category === category) &&
      (only !== 'own' || row.origin !== 'bundled') &&
      (only !== 'allow-list' || row.allowList !== undefined) &&
      (only !== 'rules' || row.register.length > 0) &&
      (part === '' ||
        row.name.toLowerCase().includes(part) ||
        row.id.includes(part) ||
        row.hosts.some(({ host }) => host.includes(part))),
  )
}

/** What changed since an operator confirmed the list, in one sentence; undefined where nothing did, or nothing was confirmed. */
export function confirmedDrift({ allowList, register }: ProviderRow): string | undefined {
  if (!allowList?.confirmed) return undefined
  const then = new Set(allowList.confirmed.addresses)
  const now = new Set(register.map(({ cidr }) => cidr))
  const added = [...now].filter((cidr) => !then.has(cidr))
  const gone = [...then].filter((cidr) => !now.has(cidr))
  const parts = [
    added.length > 0 && `${added.join(', ')} came into the rules since and may be missing from the list`,
    gone.length > 0 && `${gone.join(', ')} left the rules since and may still be on the list`,
  ].filter((part) => part !== false)
  return parts.length > 0 ? `${parts.join('; ')}.` : undefined
}
