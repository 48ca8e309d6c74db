import 'server-only'
import {
  buildEgressConfig,
  configFromSanctionedEgress,
  type EgressEntries,
  mergeEgressEntries,
  parseEgressConfig,
} from '@/lib/egress/config'
import type { ConfigIssue } from '@/lib/egress/config-issue'
import { AppError } from '@/lib/errors'
import type { EgressConfig, EgressPath, EgressPoint, EgressRule } from '@/lib/model/egress'
import { processGlobal } from '@/lib/process-global'
import { type EgressEntryRow, loadEgressEntries, replaceStartEntries } from '@/lib/store/egress-entries'
import { markJudgedOtherwise } from '@/lib/store/mark-all-connections'
import { providerCatalogue, refreshProviderCatalogue } from './provider-catalogue'

const EMPTY = buildEgressConfig({ points: [], paths: [], rules: [], deniedProviders: [] })
const holder = (): { config: EgressConfig } => processGlobal('egress-config', () => ({ config: EMPTY }))

/** What a start contributes: the text of the config file, POSTERN_SANCTIONED_EGRESS and POSTERN_FINAL_HOP. */
export interface StartSettings {
  readonly fileText?: string
  readonly sanctionedEgress?: string
  readonly finalHop?: string
}

/** The egress points, paths and rules in force; empty until `startEgressConfig`. */
export const egressConfig = (): EgressConfig => holder().config

/**
 * Puts the entries of a start into the database, in place of those of the last start, and everything that is there in force.
 * Entries of other origins stay. Answers warnings. Throws `bad_request` with every error, path and line, where one of them
 * is wrong: a half-read rule must not judge.
 */
export async function startEgressConfig(settings: StartSettings): Promise<string[]> {
  // Rules of the file may name the operator's own providers.
  await refreshProviderCatalogue()
  const { entries, warnings } = readSettings(settings)
  const left = await replaceStartEntries(rowsOf(entries))
  await refreshEgressConfig()
  return [
    ...warnings,
    ...left.map(
      (row) => `${row.kind} ${row.name} of the ${row.origin} is not in force: another one of that name was made by API`,
    ),
  ]
}

/** Puts what the database holds in force, and has connections judged again where that is something new. */
export async function refreshEgressConfig(): Promise<void> {
  const { version } = await refreshProviderCatalogue()
  const built = buildEgressConfig(entriesOf(await loadEgressEntries()))
  // Which provider a host belongs to decides as much as the rules do.
  const config = version === '' ? built : { ...built, version: `${built.version}.${version}` }
  const isNew = config.version !== egressConfig().version
  holder().config = config
  if (isNew) await markJudgedOtherwise(config.version)
}

/** Puts the entries of a start in force for this process alone: for tests that need no database of entries. */
export function setEgressConfig(settings: StartSettings): string[] {
  const { entries, warnings } = readSettings(settings)
  holder().config = buildEgressConfig(entries)
  return warnings
}

function readSettings({ fileText, sanctionedEgress, finalHop }: StartSettings): {
  entries: EgressEntries
  warnings: string[]
} {
  const file = parseEgressConfig(fileText ?? '', { origin: 'file', catalogue: providerCatalogue().catalogue })
  const short = configFromSanctionedEgress(sanctionedEgress ?? '', finalHop ? { finalHop } : {})
  const issues = [...file.issues, ...short.issues]
  const errors = issues.filter((issue) => issue.severity === 'error')
  if (errors.length > 0 || !file.entries || !short.entries)
    throw new AppError('bad_request', `The egress configuration is wrong:\n${errors.map(sentence).join('\n')}`)
  return { entries: mergeEgressEntries([file.entries, short.entries]), warnings: issues.map(sentence) }
}

/** An issue as a line of text. */
export const sentence = ({ path, line, message }: ConfigIssue): string =>
  `${[line === undefined ? '' : `line ${line}`, path].filter(Boolean).join(', ')}: ${message}`

/** Entries as rows. */
export const rowsOf = (entries: EgressEntries): EgressEntryRow[] => [
  ...entries.points.map((body) => ({ kind: 'point' as const, name: body.name, origin: body.origin, body })),
  ...entries.paths.map((body) => ({ kind: 'path' as const, name: body.name, origin: body.origin, body })),
  ...entries.rules.map((body) => ({ kind: 'rule' as const, name: body.name, origin: body.origin, body })),
  ...entries.deniedProviders.map((name) => ({
    kind: 'denied-provider' as const,
    name,
    origin: 'file' as const,
    body: {},
  })),
]

/** Rows as entries. Bodies were checked before they were stored, by the one function that stores them. */
function entriesOf(rows: readonly EgressEntryRow[]): EgressEntries {
  const bodies = <T>(kind: EgressEntryRow['kind']): T[] =>
    rows.filter((row) => row.kind === kind).map((row) => row.body as T)
  return {
    points: bodies<EgressPoint>('point'),
    paths: bodies<EgressPath>('path'),
    rules: bodies<EgressRule>('rule'),
    deniedProviders: rows.filter((row) => row.kind === 'denied-provider').map((row) => row.name),
  }
}
