import 'server-only'
import { checkOwnProvider } from '@/lib/egress/catalogue/own-providers'
import { AppError } from '@/lib/errors'
import type { EgressConfig } from '@/lib/model/egress'
import type { OwnProvider } from '@/lib/model/provider-schema'
import { deleteProviderEntry, saveProviderEntry } from '@/lib/store/provider-entries'
import { egressConfig, refreshEgressConfig } from './egress-config'
import { refreshProviderCatalogue } from './provider-catalogue'

const MOST = 500

/**
 * Puts an own provider in force (or hosts added to a bundled one), and has connections judged again. Errors: `bad_request` with
 * every problem by field; `conflict` where there are 500 already.
 */
export async function putOwnProvider(entry: OwnProvider, actor: string): Promise<void> {
  const { own } = await refreshProviderCatalogue()
  const issues = checkOwnProvider(entry, own)
  if (issues.length > 0)
    throw new AppError('bad_request', issues.map(({ path, message }) => `${path}: ${message}`).join('; '))
  const before = own.find(({ id }) => id === entry.id)
  if (!before && own.length >= MOST) throw new AppError('conflict', `at most ${MOST} providers can be added`)
  const audit = { actor, action: 'provider.put', subject: `provider/${entry.id}`, detail: { before, after: entry } }
  await saveProviderEntry(entry.id, entry, audit)
  await refreshEgressConfig()
}

/** Takes an own provider out. Errors: `not_found`; `conflict` where a rule names it and the catalogue itself does not have it. */
export async function removeOwnProvider(id: string, actor: string): Promise<void> {
  const before = (await refreshProviderCatalogue()).own.find((entry) => entry.id === id)
  if (!before) throw new AppError('not_found', 'no such entry')
  const users = before.extends ? [] : usersOf(id, egressConfig())
  if (users.length > 0)
    throw new AppError('conflict', `${id} is named by ${users.join(', ')}`, { hint: 'Change these first.' })
  await deleteProviderEntry(id, { actor, action: 'provider.delete', subject: `provider/${id}`, detail: { before } })
  await refreshEgressConfig()
}

const usersOf = (id: string, { rules, deniedProviders }: EgressConfig): string[] => [
  ...rules.filter((rule) => rule.providers.includes(id)).map((rule) => `rule ${rule.name}`),
  ...(deniedProviders.includes(id) ? ['the denied providers'] : []),
]
