import type { CatalogueProvider, HostRole } from './catalogue/types'

/** One host pattern of the catalogue, ready to be compared with others that match the same name. */
export interface HostEntry {
  readonly provider: CatalogueProvider
  readonly role: HostRole
  readonly aiExclusive: boolean
  readonly pattern: 'exact' | 'suffix' | 'label'
  /** Characters of the pattern that are not `*`. */
  readonly literalLength: number
}

export interface HostTrie {
  /** The best entry for a name given as its labels, leftmost first. Visits each node at most once. */
  find(labels: readonly string[]): HostEntry | undefined
}

interface Node {
  readonly children: Map<string, Node>
  readonly globs: { readonly head: string; readonly tail: string; readonly node: Node }[]
  end?: HostEntry
  suffix?: HostEntry
}

const PATTERN_RANK = { exact: 2, label: 1, suffix: 0 } as const

/** Patterns as a trie over labels from the right, so that a look-alike in front of or behind a name cannot match. */
export function createHostTrie(providers: readonly CatalogueProvider[]): HostTrie {
  const root = newNode()
  for (const provider of providers) for (const host of provider.hosts) insert(root, provider, host)
  return {
    find: (labels) => {
      const found: HostEntry[] = []
      collect(root, labels, labels.length - 1, found)
      return found.sort(
        (a, b) => b.literalLength - a.literalLength || PATTERN_RANK[b.pattern] - PATTERN_RANK[a.pattern],
      )[0]
    },
  }
}

/**
 * Labels of a DNS name, leftmost first: ASCII only (checked before the case is folded, for a Kelvin sign folds to `k`),
 * lower case, one trailing dot dropped. undefined for IP addresses and everything that is no DNS name.
 */
export function hostLabels(host: string): string[] | undefined {
  return splitLabels(host, isHostLabel)
}

/** The same for a selector such as `*.openai.com`, whose `*` stands for itself and so meets suffixes, never an exact name. */
export function patternLabels(pattern: string): string[] | undefined {
  const labels = splitLabels(pattern, (label) => isHostLabel(label.replaceAll('*', 'x')))
  return labels?.every((label) => label === '*') ? undefined : labels
}

function splitLabels(text: string, isLabel: (label: string) => boolean): string[] | undefined {
  const name = text.endsWith('.') ? text.slice(0, -1) : text
  if (name.length === 0 || name.length > 253) return undefined
  const labels = name.split('.')
  const top = labels.at(-1) ?? ''
  if (labels.length < 2 || /^\d+$/.test(top) || !labels.every(isLabel)) return undefined
  return labels.map((label) => label.toLowerCase())
}

const isHostLabel = (label: string): boolean =>
  label.length > 0 && label.length <= 63 && /^[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?$/.test(label)

const newNode = (): Node => ({ children: new Map(), globs: [] })

function insert(root: Node, provider: CatalogueProvider, host: CatalogueProvider['hosts'][number]): void {
  const isSuffix = host.host.startsWith('*.')
  const labels = (isSuffix ? host.host.slice(2) : host.host).split('.')
  const hasGlob = labels.some((label) => label.includes('*'))
  const entry: HostEntry = {
    provider,
    role: host.role,
    aiExclusive: host.aiExclusive !== false,
    pattern: isSuffix ? 'suffix' : hasGlob ? 'label' : 'exact',
    literalLength: host.host.replaceAll('*', '').length,
  }
  const node = labels.reduceRight(childFor, root)
  if (isSuffix) node.suffix ??= entry
  else node.end ??= entry
}

function childFor(node: Node, label: string): Node {
  if (!label.includes('*')) {
    const known = node.children.get(label)
    if (known) return known
    const child = newNode()
    node.children.set(label, child)
    return child
  }
  const star = label.indexOf('*')
  const head = label.slice(0, star)
  const tail = label.slice(star + 1)
  const known = node.globs.find((glob) => glob.head === head && glob.tail === tail)
  if (known) return known.node
  const child = newNode()
  node.globs.push({ head, tail, node: child })
  return child
}

/** `index` is the next label to read, from the right; −1 when all are read. */
function collect(node: Node, labels: readonly string[], index: number, found: HostEntry[]): void {
  if (index < 0) {
    if (node.end) found.push(node.end)
    return
  }
  if (node.suffix) found.push(node.suffix)
  const label = labels[index] ?? ''
  const child = node.children.get(label)
  if (child) collect(child, labels, index - 1, found)
  for (const glob of node.globs) {
    const isLonger = label.length > glob.head.length + glob.tail.length
    if (isLonger && label.startsWith(glob.head) && label.endsWith(glob.tail)) {
      collect(glob.node, labels, index - 1, found)
    }
  }
}
