import 'server-only'
import { buildEgressConfig, type EgressEntries } from '@/lib/egress/config'
import { pathInput, pointInput, ruleInput } from '@/lib/egress/export-config'
import { entriesInForce } from '@/lib/egress/in-force'
import type { EgressConfig, EgressPath, EgressPoint, EgressRule } from '@/lib/model/egress'
import { canonicalJson } from '@/lib/store/canonical-json'
import { contentId } from '@/lib/store/content-id'
import type { EgressEntryRow } from '@/lib/store/egress-entries'
import { providerCatalogue } from './provider-catalogue'

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
export function entriesOf(rows: readonly EgressEntryRow[]): EgressEntries {
  const bodies = <T>(kind: EgressEntryRow['kind']): T[] =>
    rows.filter((row) => row.kind === kind).map((row) => row.body as T)
  return {
    points: bodies<EgressPoint>('point'),
    paths: bodies<EgressPath>('path'),
    rules: bodies<EgressRule>('rule'),
    deniedProviders: rows.filter((row) => row.kind === 'denied-provider').map((row) => row.name),
  }
}

/** What rows put in force at a moment; its version is also that of the catalogue that providers are known by. */
export function configOfRows(rows: readonly EgressEntryRow[], nowMs: number): EgressConfig {
  const config = buildEgressConfig(entriesInForce(entriesOf(rows), nowMs))
  const { version } = providerCatalogue()
  return version === '' ? config : { ...config, version: `${config.version}.${version}` }
}

/** Changes with what an entry says and with where it comes from. */
export const revisionOf = ({ origin, document, body }: EgressEntryRow): string =>
  contentId('egress-entry', origin, document ?? '', canonicalJson(body))

/** An entry in the form that the file has for it. */
export function inputOf(row: EgressEntryRow): object {
  const { points, paths, rules } = entriesOf([row])
  const [input] = [...points.map(pointInput), ...paths.map(pathInput), ...rules.map(ruleInput)]
  return input ?? { name: row.name }
}
