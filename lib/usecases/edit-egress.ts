import 'server-only'
import { parseEgressConfig } from '@/lib/egress/config'
import { AppError } from '@/lib/errors'
import { deleteEgressEntry, type EgressKind, loadEgressEntries, saveEgressEntry } from '@/lib/store/egress-entries'
import { egressConfig, refreshEgressConfig, rowsOf, sentence } from './egress-config'
import { providerCatalogue } from './provider-catalogue'

/** Where an entry of a kind stands in the config file. */
const LIST: Readonly<Record<EgressKind, string>> = {
  point: 'egressPoints',
  path: 'paths',
  rule: 'egressRules',
  'denied-provider': 'denyProviders',
}

/**
 * Puts one entry in force, in the form that the config file has for it, and has connections judged again. Errors:
 * `bad_request` with every problem, `conflict` where the file or the environment has an entry of that name.
 */
export async function putEgressEntry(kind: EgressKind, name: string, entry: object): Promise<void> {
  const text = JSON.stringify({ [LIST[kind]]: [kind === 'denied-provider' ? name : { ...entry, name }] })
  const points = egressConfig().points.map((point) => point.name)
  const { entries, issues } = parseEgressConfig(text, {
    origin: 'api',
    knownPoints: points,
    catalogue: providerCatalogue().catalogue,
  })
  const errors = issues.filter((issue) => issue.severity === 'error')
  const [row] = entries ? rowsOf(entries) : []
  if (!row || errors.length > 0)
    throw new AppError('bad_request', errors.map(sentence).join('; ') || 'the entry is empty')
  await demandEditable(kind, name)
  await saveEgressEntry({ ...row, origin: 'api' })
  await refreshEgressConfig()
}

/** Takes one entry out of force. Errors: `not_found`; `conflict` where it comes from the file, or a rule still names it. */
export async function removeEgressEntry(kind: EgressKind, name: string): Promise<void> {
  await demandEditable(kind, name)
  const users = egressConfig().rules.filter((rule) => kind === 'point' && rule.egressPoints.includes(name))
  if (users.length > 0)
    throw new AppError('conflict', `egress point ${name} is named by ${users.map((rule) => rule.name).join(', ')}`)
  if (!(await deleteEgressEntry(kind, name))) throw new AppError('not_found', 'no such entry')
  await refreshEgressConfig()
}

async function demandEditable(kind: EgressKind, name: string): Promise<void> {
  const known = (await loadEgressEntries()).find((row) => row.kind === kind && row.name === name)
  if (known && known.origin !== 'api' && known.origin !== 'ui')
    throw new AppError('conflict', `${kind} ${name} comes from the ${known.origin}`, {
      hint: 'Change it there and restart, or choose another name.',
    })
}
