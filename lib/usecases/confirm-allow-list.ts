import 'server-only'
import { addressesToRegister } from '@/lib/egress/addresses-to-register'
import type { CatalogueProvider } from '@/lib/egress/catalogue/types'
import { AppError } from '@/lib/errors'
import { confirmAllowList, unconfirmAllowList } from '@/lib/store/allow-list-confirmations'
import { egressConfig } from './egress-config'
import { refreshProviderCatalogue } from './provider-catalogue'

/**
 * Keeps an operator's word that a provider's list of client addresses is on, with the addresses that the rules in force would have on it.
 * Errors: `not_found`; `conflict` where no such setting of the provider is known.
 */
export async function confirmProviderList(providerId: string, actor: string): Promise<void> {
  const provider = await providerOf(providerId)
  if (!provider.allowList)
    throw new AppError('conflict', `no list of client addresses is known for ${provider.name}`, {
      hint: 'For a provider of your own, say in its entry how the list is set.',
    })
  const addresses = addressesToRegister(provider, egressConfig()).map(({ cidr }) => cidr)
  await confirmAllowList({ providerId, note: '', addresses }, { actor, nowMs: Date.now() })
}

/** Takes the word back. Errors: `not_found` where nobody gave it. */
export async function withdrawProviderList(providerId: string, actor: string): Promise<void> {
  if (!(await unconfirmAllowList(providerId, actor))) throw new AppError('not_found', 'nobody confirmed this list')
}

async function providerOf(id: string): Promise<CatalogueProvider> {
  const { catalogue } = await refreshProviderCatalogue()
  const provider = catalogue.providers.find((item) => item.id === id)
  if (!provider) throw new AppError('not_found', 'no such provider')
  return provider
}
