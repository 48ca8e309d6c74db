import type { NodeDetail } from '@/lib/model/node-detail'
import { shownText } from '@/lib/model/shown-text'
import { roleWord } from '@/lib/view/class-words'
import { CATEGORY_WORD } from '@/lib/view/provider-words'

/** What is known of a node beside its traffic; the longer lists folded away. */
export function NodeFacts({ detail }: { detail: NodeDetail }) {
  const { short, long } = factsOf(detail)
  if (short.length + long.length === 0) return null
  return (
    <div className="mb-3">
      <Facts rows={short} />
      {long.length > 0 && (
        <details>
          <summary className="cursor-pointer text-(--text-muted)">{long.map(([name]) => name).join(', ')}</summary>
          <Facts rows={long} />
        </details>
      )}
    </div>
  )
}

type Row = readonly [name: string, value: string]

function Facts({ rows }: { rows: readonly Row[] }) {
  return (
    <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-0.5">
      {rows.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-(--text-muted)">{name}</dt>
          <dd className="min-w-0 wrap-anywhere">{shownText(value)}</dd>
        </div>
      ))}
    </dl>
  )
}

function factsOf(detail: NodeDetail): { short: readonly Row[]; long: readonly Row[] } {
  const { node, pods, podsTotal } = detail
  const labels = Object.entries(detail.labels).map(([key, value]) => `${key}=${value}`)
  const short: readonly (readonly [string, string | undefined])[] = [
    ['Namespace', node.namespace],
    ['Kind', detail.workloadKind],
    ['Service account', detail.serviceAccount],
    ['AI role', node.aiRole && `${roleWord(node.aiRole)}, known by ${node.aiRoleBy ?? 'what it calls'}`],
    [
      'Provider',
      node.provider &&
        `${node.provider.name} (${(CATEGORY_WORD[node.provider.category] ?? node.provider.category).toLowerCase()})`,
    ],
    [node.dnsName?.origin === 'question' ? 'Asked for before' : 'Names by DNS', detail.dnsNames.join(', ')],
  ]
  const long: readonly (readonly [string, string])[] = [
    ['Labels', labels.join(', ')],
    [
      'Pods seen',
      pods.length > 0
        ? `${pods.join(', ')}${podsTotal > pods.length ? ` and ${podsTotal - pods.length} more` : ''}`
        : '',
    ],
  ]
  return {
    short: short.flatMap(([name, value]) => (value ? [[name, value] as const] : [])),
    long: long.filter(([, value]) => value),
  }
}
