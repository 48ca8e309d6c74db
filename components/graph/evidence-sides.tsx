import type { EdgeVariant } from '@/lib/model/graph'
import { isStaged, type PolicyHit, policyName } from '@/lib/model/policy'
import { formatCount } from '@/lib/view/format'
import { policySentence } from '@/lib/view/policy-sentence'

const SIDES: readonly { readonly title: string; readonly observers: readonly EdgeVariant['observer'][] }[] = [
  { title: 'Client side', observers: ['client'] },
  { title: 'Server side', observers: ['server'] },
  { title: 'Between', observers: ['gateway', 'unknown'] },
]

/** What each side of the connection said: sentence, figures with units, and the policies in the order of evaluation. */
export function EvidenceSides({ variants }: { variants: readonly EdgeVariant[] }) {
  return (
    <div className="grid gap-3">
      {SIDES.map(({ title, observers }) => {
        const own = variants.filter((variant) => observers.includes(variant.observer))
        if (own.length === 0 && title === 'Between') return null
        return (
          <section key={title}>
            <h3 className="font-medium text-(--text-muted)">{title}</h3>
            {own.length === 0 && <p>This side sent no record in this window.</p>}
            <ul className="grid gap-2">
              {own.map((variant) => (
                <li key={variant.id} className="rounded-md border border-(--border) p-2">
                  <p>{policySentence(variant)}</p>
                  <p className="text-(--text-muted)">{figures(variant)}</p>
                  <Trace title="Policies, in order" hits={variant.enforced} />
                  {variant.pending !== 'same' && <Trace title="With staged policies" hits={variant.pendingTrace} />}
                </li>
              ))}
            </ul>
          </section>
        )
      })}
    </div>
  )
}

function figures({ counters, source }: EdgeVariant): string {
  const parts = [
    [counters.connections, 'connections'],
    [counters.requests, 'requests'],
    [counters.events, 'other events'],
  ] as const
  const said = parts.filter(([count]) => count > 0).map(([count, unit]) => `${formatCount(count)} ${unit}`)
  return `${said.join(', ') || 'no figures'}; told by ${source}`
}

function Trace({ title, hits }: { title: string; hits: readonly PolicyHit[] | undefined }) {
  if (!hits) return null
  return (
    <details className="mt-1">
      <summary className="cursor-pointer text-(--text-muted)">
        {title} ({hits.length})
      </summary>
      {hits.length === 0 && <p>The source states that none applied.</p>}
      <ol className="ml-4 list-decimal">
        {hits.map((hit, index) => (
          // Hits may repeat; their order is what they are.
          // biome-ignore lint/suspicious/noArrayIndexKey: see above
          <li key={index} className="break-words">
            {hitText(hit)}
          </li>
        ))}
      </ol>
    </details>
  )
}

function hitText(hit: PolicyHit): string {
  const where = [
    hit.tier && `tier ${hit.tier}`,
    hit.ruleIndex !== undefined && `rule ${hit.ruleIndex}`,
    isStaged(hit) && 'staged',
  ].filter(Boolean)
  const name = hit.kind === 'EndOfTier' ? `end of tier ${hit.tier}` : `${policyName(hit)} (${hit.kind})`
  return `${name}${where.length > 0 && hit.kind !== 'EndOfTier' ? `, ${where.join(', ')}` : ''}: ${hit.action}`
}
