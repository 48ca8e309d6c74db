import 'server-only'
import { Document, isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml'
import type { PolicyMark } from '@/lib/model/inventory'
import type { TextPath } from '@/lib/policy/find-rule'

/** Something of a policy that is to be shown in its text. */
export interface Marked {
  readonly what: PolicyMark['what']
  readonly path: TextPath
}

const COMMENT: Readonly<Record<PolicyMark['what'], string>> = {
  rule: ' the rule that decided',
  'only-rule': ' the only rule in this direction',
  selector: ' what selects the pod',
}

/** A policy as YAML in the order in which people write it, with comments at what is marked, and the lines of that. */
export function policyYaml(
  body: object,
  marked: readonly Marked[],
): { readonly yaml: string; readonly marks: readonly PolicyMark[] } {
  const document = new Document(inReadingOrder(body))
  for (const { what, path } of marked) {
    const node = keyedNode(document, path)
    if (isNode(node)) node.commentBefore = COMMENT[what]
  }
  const yaml = document.toString({ lineWidth: 0 })
  if (marked.length === 0) return { yaml, marks: [] }
  const lines = new LineCounter()
  const read = parseDocument(yaml, { lineCounter: lines })
  const marks = marked.flatMap(({ what, path }): PolicyMark[] => {
    const [first, value] = [keyedNode(read, path), read.getIn(path, true)]
    if (!isNode(first) || !isNode(value) || !first.range || !value.range) return []
    return [
      {
        what,
        fromLine: lines.linePos(first.range[0]).line,
        toLine: lines.linePos(Math.max(first.range[0], value.range[1] - 1)).line,
      },
    ]
  })
  return { yaml, marks: marks.sort((a, b) => a.fromLine - b.fromLine) }
}

/** Of a member its key, which stands before it; of an item of a list the item. */
function keyedNode(document: Document | ReturnType<typeof parseDocument>, path: TextPath): unknown {
  const parent = document.getIn(path.slice(0, -1), true)
  if (!isMap(parent)) return document.getIn(path, true)
  return parent.items.find(({ key }) => (isScalar(key) ? key.value : key) === path.at(-1))?.key
}

/** As people write policies; the database keeps no order of keys. */
const READING_ORDER = [
  ['apiVersion', 'kind', 'metadata', 'spec', 'specs'],
  ['name', 'namespace', 'tier', 'order', 'selector', 'podSelector', 'endpointSelector', 'types', 'policyTypes'],
  ['action', 'protocol', 'from', 'to', 'source', 'destination', 'ports'],
].flat()
const rankOf = (key: string): number => READING_ORDER.indexOf(key) + 1 || READING_ORDER.length + 1

function inReadingOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inReadingOrder)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([key, item]) => [key, inReadingOrder(item)] as const)
  return new Map(entries.sort(([a], [b]) => rankOf(a) - rankOf(b)))
}
