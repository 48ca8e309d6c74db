import { createHash } from 'node:crypto'
import { isMap, isScalar, LineCounter, parseDocument } from 'yaml'
import type { z } from 'zod'
import type { ConfigOrigin, EgressConfig, EgressPath, EgressPoint, EgressRule } from '@/lib/model/egress'
import { type EgressFile, egressFileSchema, type PointEntry } from '@/lib/model/egress-schema'
import { parseCidr } from './address'
import { CATALOGUE, type Catalogue } from './catalogue/catalogue'
import { checkEgressFile } from './config-check'
import { type ConfigIssue, didYouMean, IssueList, type IssuePath } from './config-issue'
import { checkAgainstOthers, type OtherEntry } from './config-others'

/** Config before it has a version: what a file, the environment or the database contributes. */
export interface EgressEntries {
  readonly points: readonly EgressPoint[]
  readonly paths: readonly EgressPath[]
  readonly rules: readonly EgressRule[]
  readonly deniedProviders: readonly string[]
}

/** `entries` only where no issue is an error; warnings never stop anything. */
export interface ParsedEgressConfig {
  readonly entries?: EgressEntries
  readonly issues: readonly ConfigIssue[]
}

export interface ParseOptions {
  readonly origin: ConfigOrigin
  readonly catalogue?: Catalogue
  /** Egress points that exist outside this text, so that rules may name them. */
  readonly knownPoints?: readonly string[]
  /** Entries that exist outside this text and keep their names; rules among them may compete with its own. */
  readonly others?: readonly OtherEntry[]
}

const MAX_TEXT = 1024 * 1024

/**
 * Reads the egress part of a config file (YAML, shape: nat-evidence §3.3). Never throws: everything wrong is an issue with
 * path and line. An empty text is an empty configuration. Text over 1 MiB is refused.
 */
export function parseEgressConfig(text: string, options: ParseOptions): ParsedEgressConfig {
  if (text.length > MAX_TEXT)
    return { issues: [{ severity: 'error', path: '', message: 'The text is longer than 1 MiB.' }] }
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, merge: false, prettyErrors: false })
  const list = new IssueList((path) => lineOf(document, lines, path))
  for (const error of document.errors) {
    list.issues.push({
      severity: 'error',
      path: '',
      line: lines.linePos(error.pos[0]).line,
      message: error.message.slice(0, 300),
    })
  }
  if (list.hasErrors) return { issues: list.issues }
  const parsed = egressFileSchema.safeParse(plainValue(document) ?? {})
  if (!parsed.success) {
    for (const issue of parsed.error.issues) reportSchemaIssue(list, issue)
    return { issues: list.issues }
  }
  checkEgressFile(parsed.data, list, options.catalogue ?? CATALOGUE, options.knownPoints ?? [])
  checkAgainstOthers(parsed.data, options.others ?? [], list, options.catalogue ?? CATALOGUE)
  return list.hasErrors
    ? { issues: list.issues }
    : { entries: toEntries(parsed.data, options.origin), issues: list.issues }
}

/** Name of the rule that the environment variable makes. */
export const ENV_RULE_NAME = 'POSTERN_SANCTIONED_EGRESS'

/**
 * The shortest rule: CIDRs or addresses, separated by commas or spaces. All AI workloads (or all workloads with
 * `aiOnly: false`), all providers. `finalHop` declares which hop of the NAT evidence is the last NAT; without one, and
 * without paths from elsewhere, nothing but a provider's own log can prove anything. Empty text gives empty entries.
 */
export function configFromSanctionedEgress(
  text: string,
  options: { readonly aiOnly?: boolean; readonly finalHop?: string } = {},
): ParsedEgressConfig {
  const cidrs = text
    .slice(0, MAX_TEXT)
    .split(/[\s,]+/)
    .filter(Boolean)
  if (cidrs.length === 0) return { entries: { points: [], paths: [], rules: [], deniedProviders: [] }, issues: [] }
  const hop = options.finalHop?.trim()
  const file = egressFileSchema.safeParse({
    egressRules: [
      {
        name: ENV_RULE_NAME,
        workloads: { aiOnly: options.aiOnly ?? true },
        providers: ['*'],
        sanctionedSources: cidrs,
      },
    ],
    paths: hop ? [{ name: ENV_RULE_NAME, hops: [hop], final: hop }] : [],
  })
  const list = new IssueList()
  if (!file.success) {
    for (const issue of file.error.issues) reportSchemaIssue(list, issue)
    return { issues: list.issues }
  }
  checkEgressFile(file.data, list, CATALOGUE, [])
  return list.hasErrors ? { issues: list.issues } : { entries: toEntries(file.data, 'env'), issues: list.issues }
}

/**
 * Gives entries their version: the first 64 bits, in hex, of the sha256 of their canonical JSON. Equal content has an equal
 * version, whatever its order and origin. Names are unique per kind: the first of a name wins, so pass entries in that order.
 */
export function buildEgressConfig(entries: EgressEntries): EgressConfig {
  const content = {
    points: sortedByName(entries.points),
    paths: sortedByName(entries.paths),
    rules: sortedByName(entries.rules),
    deniedProviders: [...new Set(entries.deniedProviders)].sort(),
  }
  const version = createHash('sha256').update(canonicalJson(content)).digest('hex').slice(0, 16)
  return { version, ...content }
}

/** Several contributions as one, in order of authority. */
export function mergeEgressEntries(parts: readonly EgressEntries[]): EgressEntries {
  return {
    points: parts.flatMap((part) => part.points),
    paths: parts.flatMap((part) => part.paths),
    rules: parts.flatMap((part) => part.rules),
    deniedProviders: parts.flatMap((part) => part.deniedProviders),
  }
}

function toEntries(file: EgressFile, origin: ConfigOrigin): EgressEntries {
  return {
    points: file.egressPoints.map(({ name, kind, publicCidrs, privateCidrs = [], gateway, clusters = [] }) => ({
      name,
      kind,
      publicCidrs: publicCidrs.map(canonical),
      ...(privateCidrs.length > 0 && { privateCidrs: privateCidrs.map(canonical) }),
      ...(gateway && withGateway(gateway)),
      ...(clusters.length > 0 && { clusters }),
      origin,
    })),
    paths: file.paths.map(({ final, map, principals, ...path }) => ({
      ...path,
      finalHop: final,
      publicByPrivate: map,
      ...(Object.keys(principals).length > 0 && { workloadByPrincipal: principals }),
      origin,
    })),
    rules: file.egressRules.map((rule) => ({
      ...rule,
      hosts: rule.hosts.map((host) => host.toLowerCase()),
      sanctionedSources: rule.sanctionedSources.map((source) => ({ ...source, cidr: canonical(source.cidr) })),
      origin,
    })),
    deniedProviders: file.denyProviders,
  }
}

/** What says nothing is left out: equal settings have an equal version. */
function withGateway({ namespace, podLabels, nodeSelector }: NonNullable<PointEntry['gateway']>) {
  const gateway = {
    ...(namespace !== undefined && { namespace }),
    ...(podLabels && Object.keys(podLabels).length > 0 && { podLabels }),
    ...(nodeSelector && Object.keys(nodeSelector).length > 0 && { nodeSelector }),
  }
  return Object.keys(gateway).length > 0 ? { gateway } : {}
}

/** Checked before: only CIDRs that parse get here; anything else would stay as written. */
function canonical(text: string): string {
  const parsed = parseCidr(text)
  return 'cidr' in parsed ? parsed.cidr.text : text
}

function sortedByName<T extends { readonly name: string }>(entries: readonly T[]): T[] {
  const byName = new Map<string, T>()
  for (const entry of entries) if (!byName.has(entry.name)) byName.set(entry.name, entry)
  return [...byName.values()].sort((left, right) => (left.name < right.name ? -1 : 1))
}

/** Keys sorted, `origin` and undefined left out: where a setting came from does not change what it says. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (key, inner: unknown) => {
    if (key === 'origin') return undefined
    if (inner === null || typeof inner !== 'object' || Array.isArray(inner)) return inner
    return Object.fromEntries(Object.entries(inner).sort(([left], [right]) => (left < right ? -1 : 1)))
  })
}

type Document = ReturnType<typeof parseDocument>

/** Aliases are bounded, so that a few lines cannot unfold into gigabytes. */
function plainValue(document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 })
  } catch {
    return 'too many aliases'
  }
}

/** The line of the nearest place that exists: for a missing field, its parent's. */
function lineOf(document: Document, lines: LineCounter, path: IssuePath): number | undefined {
  for (let length = path.length; length > 0; length--) {
    const parent = document.getIn(path.slice(0, length - 1), true)
    const key = path[length - 1]
    const pair = isMap(parent) ? parent.items.find((item) => isScalar(item.key) && item.key.value === key) : undefined
    const node: unknown = pair ? pair.key : document.getIn(path.slice(0, length), true)
    const start = startOf(node)
    if (start !== undefined) return lines.linePos(start).line
  }
  return undefined
}

function startOf(node: unknown): number | undefined {
  if (typeof node !== 'object' || node === null || !('range' in node) || !Array.isArray(node.range)) return undefined
  const start: unknown = node.range[0]
  return typeof start === 'number' ? start : undefined
}

const KNOWN_KEYS = [
  ...Object.keys(egressFileSchema.shape),
  ...[
    'name',
    'priority',
    'clusters',
    'workloads',
    'providers',
    'hosts',
    'sanctionedSources',
    'requireEvidence',
    'mode',
  ],
  ...[
    'namespaces',
    'namespaceLabels',
    'names',
    'podLabels',
    'serviceAccounts',
    'aiOnly',
    'cidr',
    'kind',
    'publicCidrs',
  ],
  ...['nodeSelector', 'hops', 'final', 'map', 'principals'],
  ...['privateCidrs', 'gateway', 'namespace', 'expiresAt', 'reason'],
]

function reportSchemaIssue(list: IssueList, issue: z.core.$ZodIssue): void {
  const path = issue.path.filter((part): part is string | number => typeof part !== 'symbol')
  if (issue.code === 'unrecognized_keys') {
    for (const key of issue.keys) {
      list.error([...path, key], `"${key.slice(0, 60)}" is no setting here.${didYouMean(key, new Set(KNOWN_KEYS))}`)
    }
    return
  }
  list.error(path, issue.message.slice(0, 300))
}
