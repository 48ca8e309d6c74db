import type { EgressFile, PointEntry, RuleEntry } from '@/lib/model/egress-schema'
import { isPublicAddress, isPublicCidr, parseAddress, parseCidr } from './address'
import type { Catalogue } from './catalogue/catalogue'
import { didYouMean, type IssueList, type IssuePath } from './config-issue'
import { createHostTrie } from './host-trie'
import { solePublicAddress } from './point-maps'
import { parseWorkload } from './principals'
import { checkOverlaps } from './rule-overlaps'

/** Wider than this, a network is more likely a slip than one's own egress range. */
const WIDE_V4 = 16
const WIDE_V6 = 32

/** Everything that the shape cannot say: addresses, names that must exist, rules that compete. Adds to `list`. */
export function checkEgressFile(
  file: EgressFile,
  list: IssueList,
  catalogue: Catalogue,
  knownPoints: readonly string[],
): void {
  const points = new Set([...knownPoints, ...file.egressPoints.map((point) => point.name)])
  const ids = new Set(catalogue.providers.map((provider) => provider.id))
  const categories = new Set(catalogue.providers.map((provider) => `category:${provider.category}`))
  const trie = createHostTrie(catalogue.providers)
  const hasHost = (pattern: string) =>
    trie.find(pattern.toLowerCase().replace(/^\*/, 'x').split('.')) !== undefined ||
    (pattern.startsWith('*.') &&
      catalogue.providers.some(({ hosts }) => hosts.some(({ host }) => host.endsWith(pattern.slice(1).toLowerCase()))))

  checkUnique(file.egressRules, 'egressRules', list)
  checkUnique(file.egressPoints, 'egressPoints', list)
  checkUnique(file.paths, 'paths', list)
  file.egressPoints.forEach((point, index) => {
    checkPoint(point, ['egressPoints', index], list)
  })
  file.paths.forEach((path, index) => {
    checkPath(path, ['paths', index], list)
  })
  file.egressRules.forEach((rule, index) => {
    checkRule(rule, ['egressRules', index], list, { points, ids, categories, hasHost })
  })
  file.denyProviders.forEach((id, index) => {
    checkProvider(id, ids, ['denyProviders', index], list)
  })
  checkOverlaps(file.egressRules, list, catalogue)
}

function checkUnique(entries: readonly { readonly name: string }[], key: string, list: IssueList): void {
  const seen = new Set<string>()
  entries.forEach(({ name }, index) => {
    if (seen.has(name)) list.error([key, index, 'name'], `"${name}" is used twice.`)
    seen.add(name)
  })
}

function checkPoint(point: PointEntry, at: IssuePath, list: IssueList): void {
  point.publicCidrs.forEach((cidr, index) => {
    checkSource(cidr, point.kind === 'private-link', [...at, 'publicCidrs', index], list)
  })
  const privateCidrs = point.privateCidrs ?? []
  privateCidrs.forEach((text, index) => {
    const parsed = parseCidr(text)
    const path = [...at, 'privateCidrs', index]
    if ('error' in parsed) list.error(path, `${parsed.error}.`)
    else if (isPublicCidr(parsed.cidr))
      list.error(path, `${parsed.cidr.text} is public already: it belongs to publicCidrs.`)
  })
  if (privateCidrs.length === 0) return
  if (point.kind === 'direct' || point.kind === 'private-link')
    list.error([...at, 'privateCidrs'], `Nothing is translated on a way out of kind ${point.kind}.`)
  else if (solePublicAddress(point) === undefined)
    list.warning(
      [...at, 'privateCidrs'],
      'The point has more than one public address, so a private one does not say which: it proves nothing. The map of a path can.',
    )
}

function checkSource(text: string, isPrivateLink: boolean, path: IssuePath, list: IssueList): void {
  const parsed = parseCidr(text)
  if ('error' in parsed) {
    list.error(path, `${parsed.error}.`)
    return
  }
  const { cidr } = parsed
  if (isPrivateLink) return
  if (!isPublicCidr(cidr)) {
    list.error(
      path,
      `${cidr.text} is not globally routable: no provider ever sees it as a source. Only kind: private-link may have it.`,
    )
  } else if (cidr.prefix < (cidr.address.kind() === 'ipv4' ? WIDE_V4 : WIDE_V6)) {
    list.warning(path, `${cidr.text} is wide: every address in it would count as sanctioned.`)
  }
}

function checkPath(path: EgressFile['paths'][number], at: IssuePath, list: IssueList): void {
  if (!path.hops.includes(path.final)) {
    list.error([...at, 'final'], `"${path.final}" is not one of the hops.${didYouMean(path.final, path.hops)}`)
  }
  if (new Set(path.hops).size !== path.hops.length) list.error([...at, 'hops'], 'A hop is named twice.')
  for (const [from, to] of Object.entries(path.map)) {
    if (!parseAddress(from)) list.error([...at, 'map', from], `"${from}" is not an address.`)
    else if (isPublicAddress(from))
      list.error([...at, 'map', from], `${from} is public already: the map is for private addresses.`)
    if (!isPublicAddress(to)) list.error([...at, 'map', from], `"${to}" is not a globally routable address.`)
  }
  if (Object.keys(path.principals).length > 0 && path.clusters.length !== 1)
    list.warning(
      [...at, 'principals'],
      'Callers prove something only on a path of exactly one cluster: else they may be another one’s.',
    )
  for (const [principal, workload] of Object.entries(path.principals)) {
    const where = [...at, 'principals', principal]
    if (principal.slice(0, -1).includes('*'))
      list.error(where, 'A caller is named whole, or by its beginning and one * at the end.')
    if (!parseWorkload(workload)) list.error(where, `"${workload.slice(0, 60)}" is no namespace/workload.`)
  }
}

interface Known {
  readonly points: ReadonlySet<string>
  readonly ids: ReadonlySet<string>
  readonly categories: ReadonlySet<string>
  /** Whether some provider has the host, or hosts below the suffix. */
  hasHost(pattern: string): boolean
}

function checkRule(rule: RuleEntry, at: IssuePath, list: IssueList, known: Known): void {
  if (rule.egressPoints.length + rule.sanctionedSources.length === 0) {
    list.error(at, `Rule "${rule.name}" names no egress point and no sanctioned source: nothing could be right.`)
  }
  if (rule.providers.length + rule.hosts.length === 0) {
    list.error(at, `Rule "${rule.name}" names no provider and no host. Write providers: ['*'] for all.`)
  }
  rule.egressPoints.forEach((name, index) => {
    if (!known.points.has(name)) {
      list.error([...at, 'egressPoints', index], `There is no egress point "${name}".${didYouMean(name, known.points)}`)
    }
  })
  rule.sanctionedSources.forEach((source, index) => {
    const isPrivateLink = 'kind' in source && source.kind === 'private-link'
    checkSource(source.cidr, isPrivateLink, [...at, 'sanctionedSources', index], list)
  })
  rule.providers.forEach((id, index) => {
    const path = [...at, 'providers', index]
    if (id.startsWith('category:')) {
      if (!known.categories.has(id)) list.error(path, `There is no provider ${id}.${didYouMean(id, known.categories)}`)
    } else if (id !== '*') checkProvider(id, known.ids, path, list)
  })
  rule.hosts.forEach((host, index) => {
    if (!isHostPattern(host)) {
      list.error([...at, 'hosts', index], `"${host.slice(0, 60)}" is no host name and no *.suffix of one.`)
    } else if (!known.hasHost(host)) {
      list.warning(
        [...at, 'hosts', index],
        `No provider of the catalogue has ${host.slice(0, 60)}: the rule does not speak of it until it is added on the Providers page.`,
      )
    }
  })
  if (Object.keys(rule.workloads.namespaceLabels).length > 0) {
    list.warning(
      [...at, 'workloads', 'namespaceLabels'],
      'Namespace labels are known from Cilium flows only; elsewhere this rule does not apply.',
    )
  }
}

function checkProvider(id: string, ids: ReadonlySet<string>, path: IssuePath, list: IssueList): void {
  if (!ids.has(id)) list.error(path, `There is no provider "${id}" in the catalogue.${didYouMean(id, ids)}`)
}

const isHostPattern = (host: string): boolean =>
  host.length <= 253 &&
  /^(?:\*\.)?[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,62})(?:\.[A-Za-z0-9_][A-Za-z0-9_-]{0,62})+$/.test(host)
