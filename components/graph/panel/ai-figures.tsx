import type { AiFacts } from '@/lib/model/graph'
import { formatCount } from '@/lib/view/format'

/** Model, calls, tokens and errors, as spans tell them. */
export function AiFigures({ ai }: { ai: AiFacts }) {
  const rows: readonly (readonly [string, string])[] = [
    ['Models', ai.models.join(', ') || 'not told'],
    ['Calls', formatCount(ai.calls)],
    ['Failed', formatCount(ai.errors)],
    ['Tokens in', formatCount(ai.inputTokens)],
    ['Tokens out', formatCount(ai.outputTokens)],
    ...(ai.addressRefused > 0 ? [['Address refused by the provider', formatCount(ai.addressRefused)] as const] : []),
    ...(ai.providerName ? [['Provider, by the spans', ai.providerName] as const] : []),
  ]
  return (
    <dl className="grid grid-cols-[auto_1fr] gap-x-4">
      {rows.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-(--text-muted)">{name}</dt>
          <dd className="text-right break-words">{value}</dd>
        </div>
      ))}
    </dl>
  )
}
