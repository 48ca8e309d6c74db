import 'server-only'
import {
  buildEgressConfig,
  configFromSanctionedEgress,
  type EgressEntries,
  mergeEgressEntries,
  parseEgressConfig,
} from '@/lib/egress/config'
import type { ConfigIssue } from '@/lib/egress/config-issue'
import { entriesInForce } from '@/lib/egress/in-force'
import { AppError } from '@/lib/errors'
import type { EgressConfig } from '@/lib/model/egress'
import { processGlobal } from '@/lib/process-global'
import { loadEgressEntries, replaceStartEntries } from '@/lib/store/egress-entries'
import { markJudgedOtherwise } from '@/lib/store/mark-all-connections'
import { configOfRows, rowsOf } from './egress-rows'
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

/**
 * Puts what the database holds in force, and has connections judged again where that is something new: an entry was changed, on any
 * replica, or a rule has expired.
 */
export async function refreshEgressConfig(nowMs = Date.now()): Promise<void> {
  // Which provider a host belongs to decides as much as the rules do: the version is of both.
  await refreshProviderCatalogue(nowMs)
  const config = configOfRows(await loadEgressEntries(), nowMs)
  const isNew = config.version !== egressConfig().version
  holder().config = config
  if (isNew) await markJudgedOtherwise(config.version)
}

/** Puts the entries of a start in force for this process alone: for tests that need no database of entries. */
export function setEgressConfig(settings: StartSettings, nowMs = Date.now()): string[] {
  const { entries, warnings } = readSettings(settings)
  holder().config = buildEgressConfig(entriesInForce(entries, nowMs))
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
