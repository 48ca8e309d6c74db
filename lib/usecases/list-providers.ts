import 'server-only'
import { addressesToRegister } from '@/lib/egress/addresses-to-register'
import type { CatalogueProvider } from '@/lib/egress/catalogue/types'
import { isCertainProvider } from '@/lib/egress/match-provider'
import { AppError } from '@/lib/errors'
import type { HostAnswer, ProviderRow } from '@/lib/model/provider'
import { loadAllowListConfirmations, type StoredConfirmation } from '@/lib/store/allow-list-confirmations'
import { egressConfig } from './egress-config'
import { refreshProviderCatalogue } from './provider-catalogue'

/** Every provider of the catalogue in force, by name, with what to register on its list of client addresses. */
export async function listProviders(): Promise<ProviderRow[]> {
  const { catalogue, own } = await refreshProviderCatalogue()
  const confirmed = new Map((await loadAllowListConfirmations()).map((row) => [row.providerId, row]))
  const config = egressConfig()
  const ownById = new Map(own.map((entry) => [entry.id, entry]))
  const rowOf = (provider: CatalogueProvider): ProviderRow => {
    const mine = ownById.get(provider.id)
    const ownHosts = new Set(mine?.hosts.map(({ host }) => host))
    return {
      id: provider.id,
      name: provider.name,
      category: provider.category,
      origin: mine ? (mine.extends ? 'extended' : 'own') : 'bundled',
      hosts: provider.hosts.map(({ host, role, aiExclusive = true }) => ({
        host,
        role,
        aiExclusive,
        isOwn: ownHosts.has(host),
      })),
      ...(provider.inbound && { inbound: { cidrs: provider.inbound.cidrs, exclusive: provider.inbound.exclusive } }),
      ...(provider.allowList && { allowList: allowListOf(provider.allowList, confirmed.get(provider.id)) }),
      register: addressesToRegister(provider, config),
      isDenied: config.deniedProviders.includes(provider.id),
    }
  }
  return catalogue.providers.map(rowOf).sort((a, b) => a.name.localeCompare(b.name, 'en'))
}

const allowListOf = (
  known: NonNullable<CatalogueProvider['allowList']>,
  confirmation: StoredConfirmation | undefined,
): NonNullable<ProviderRow['allowList']> => ({
  how: known.how,
  verified: known.verified,
  ...(known.source && { source: known.source }),
  ...(confirmation && {
    confirmed: { by: confirmation.confirmedBy, atMs: confirmation.confirmedMs, addresses: confirmation.addresses },
  }),
})

/** What a host is, by the catalogue in force. Errors: `bad_request` for what is no host name. */
export async function answerHost(host: string): Promise<HostAnswer> {
  const name = host.trim().toLowerCase().replace(/\.$/, '')
  if (name === '' || name.length > 253) throw new AppError('bad_request', 'a host name is needed')
  const { matcher, catalogue } = await refreshProviderCatalogue()
  const match = matcher.matchHost(name)
  if (!match) return { host: name }
  const provider = catalogue.providers.find(({ id }) => id === match.providerId)
  return {
    host: name,
    provider: {
      id: match.providerId,
      name: provider?.name ?? match.providerName,
      role: match.role,
      certain: isCertainProvider(match),
    },
  }
}
