import { createHash } from 'node:crypto'
import { isPublicAddress, parseCidr } from '@/lib/egress/address'
import { createHostTrie, hostLabels, patternLabels } from '@/lib/egress/host-trie'
import type { OwnProvider } from '@/lib/model/provider-schema'
import { CATALOGUE, type Catalogue } from './catalogue'
import type { CatalogueProvider } from './types'

/** What is wrong with an entry beside the shape, by its field. */
export interface OwnProviderIssue {
  readonly path: string
  readonly message: string
}

/**
 * Checks an entry against the bundled catalogue and the other own entries: the id, that its patterns are of the catalogue's grammar
 * (an exact host, `*.suffix`, one `*` within a label; never a bare suffix such as `*.com`), and that no pattern is another provider's.
 */
export function checkOwnProvider(entry: OwnProvider, others: readonly OwnProvider[]): OwnProviderIssue[] {
  const issues: OwnProviderIssue[] = []
  const bundled = CATALOGUE.providers.find(({ id }) => id === entry.id)
  if (entry.extends && !bundled) issues.push({ path: 'id', message: `the catalogue has no provider ${entry.id}` })
  if (!entry.extends && bundled)
    issues.push({ path: 'id', message: `${bundled.name} has this id; add hosts to it, or choose another id` })
  if (!entry.extends && entry.name === '') issues.push({ path: 'name', message: 'a name is needed' })
  const catalogue = mergeCatalogue(others.filter(({ id }) => id !== entry.id))
  const trie = createHostTrie(catalogue.providers)
  // What a name of this pattern is matched by without the entry: a longer pattern would take it from its owner unseen.
  const ownerOf = (host: string) => trie.find((host.startsWith('*.') ? `x${host.slice(1)}` : host.replaceAll('*', 'x')).split('.'))
  const seen = new Set<string>()
  for (const [index, { host }] of entry.hosts.entries()) {
    const path = `hosts.${index}.host`
    const problem = patternProblem(host)
    const owner = problem ? undefined : ownerOf(host)?.provider
    if (problem) issues.push({ path, message: problem })
    else if (seen.has(host)) issues.push({ path, message: 'is listed twice' })
    else if (owner && owner.id !== entry.id) issues.push({ path, message: `is a host of ${owner.name}` })
    else if (owner && entry.extends && owner.hosts.some((one) => one.host === host))
      issues.push({ path, message: `${owner.name} has this host already` })
    seen.add(host)
  }
  return issues
}

function patternProblem(host: string): string | undefined {
  if ('cidr' in parseCidr(host) || isPublicAddress(host)) return 'is an address; a host name is needed'
  const isSuffix = host.startsWith('*.')
  const rest = isSuffix ? host.slice(2) : host
  const labels = rest.split('.')
  if (isSuffix && labels.length < 2) return 'would match a whole top-level domain'
  if (labels.some((label) => label === '' || label.split('*').length > 2)) return 'at most one * in a label'
  const [top = '', second = ''] = labels.toReversed()
  if (top.includes('*') || second.includes('*')) return 'the last two labels must be written out'
  return (isSuffix ? hostLabels(rest) : patternLabels(rest)) ? undefined : 'is no host name with at least two labels'
}

/** The bundled catalogue with the operator's entries. What an entry adds stands beside what is bundled, and replaces nothing. */
export function mergeCatalogue(own: readonly OwnProvider[]): Catalogue {
  if (own.length === 0) return CATALOGUE
  const added = new Map(own.filter((entry) => entry.extends).map((entry) => [entry.id, entry]))
  const providers = CATALOGUE.providers.map((provider) => {
    const more = added.get(provider.id)
    return more ? { ...provider, hosts: [...provider.hosts, ...hostsOf(more)] } : provider
  })
  return { providers: [...providers, ...own.filter((entry) => !entry.extends).map(providerOf)] }
}

const hostsOf = ({ hosts }: OwnProvider): CatalogueProvider['hosts'] =>
  hosts.map(({ host, role, aiExclusive }) => ({ host, role, ...(!aiExclusive && { aiExclusive }) }))

const providerOf = (entry: OwnProvider): CatalogueProvider => ({
  id: entry.id,
  name: entry.name,
  category: entry.category,
  hosts: hostsOf(entry),
  ...(entry.allowListHow && { allowList: { how: entry.allowListHow, verified: false } }),
})

/** Equal for equal entries, whatever their order; '' without any. */
export function ownProvidersVersion(own: readonly OwnProvider[]): string {
  if (own.length === 0) return ''
  const sorted = [...own].sort((a, b) => (a.id < b.id ? -1 : 1))
  return createHash('sha256').update(JSON.stringify(sorted)).digest('hex').slice(0, 12)
}
