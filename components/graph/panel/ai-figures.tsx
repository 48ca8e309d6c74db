import type { AiFacts } from '@/lib/model/graph'
import { shownText } from '@/lib/model/shown-text'
import { formatCount } from '@/lib/view/format'

/** Model, calls, tokens and errors, as spans tell them; figures lead to the spans below, failed calls to theirs. */
export function AiFigures({ ai, onFailed }: { ai: AiFacts; onFailed: () => void }) {
  const figures: readonly (readonly [name: string, value: number, onShow?: () => void])[] = [
    ['Calls', ai.calls],
    ['Failed', ai.errors, onFailed],
    ['Tokens in', ai.inputTokens],
    ['Tokens out', ai.outputTokens],
    ...(ai.addressRefused > 0 ? [['Address refused by the provider', ai.addressRefused] as const] : []),
  ]
  return (
    <dl className="grid grid-cols-[auto_1fr] gap-x-4">
      <dt className="text-(--text-muted)">Models</dt>
      <dd className="text-right wrap-anywhere">{shownText(ai.models.join(', ')) || 'not told'}</dd>
      {figures.map(([name, value, onShow]) => (
        <div key={name} className="contents">
          <dt className="text-(--text-muted)">{name}</dt>
          <dd className="text-right">
            {/* Behind none there are no rows. */}
            {value === 0 ? (
              '0'
            ) : onShow ? (
              <button
                type="button"
                className="text-(--accent) underline"
                aria-label={`${name}: ${formatCount(value)}. Show the spans of failed calls`}
                onClick={onShow}
              >
                {formatCount(value)}
              </button>
            ) : (
              <a className="text-(--accent) underline" href="#panel-spans">
                {formatCount(value)}
              </a>
            )}
          </dd>
        </div>
      ))}
      {ai.providerName && (
        <>
          <dt className="text-(--text-muted)">Provider, by the spans</dt>
          <dd className="text-right wrap-anywhere">{shownText(ai.providerName)}</dd>
        </>
      )}
    </dl>
  )
}
