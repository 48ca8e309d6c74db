import type { SideIsolation } from '@/lib/model/edge-detail'
import type { EdgeVariant } from '@/lib/model/graph'
import { isStaged, type PolicyHit, policyName } from '@/lib/model/policy'
import { formatClock, formatCount } from '@/lib/view/format'
import { isolationSentence } from '@/lib/view/isolation-sentence'
import { policySentence } from '@/lib/view/policy-sentence'
import { type DefinitionOf, PolicyDefinitionText } from './policy-definition'

const SIDES: readonly { readonly title: string; readonly observers: readonly EdgeVariant['observer'][] }[] = [
  { title: 'Client side', observers: ['client'] },
  { title: 'Server side', observers: ['server'] },
  { title: 'Between', observers: ['gateway', 'unknown'] },
]

interface Props {
  readonly variants: readonly EdgeVariant[]
  readonly isolation?: readonly SideIsolation[]
  /** Cluster whose inventory has the texts of policies; absent = they cannot be shown. */
  readonly definitionsOf?: string
}

/** What each side of the connection said: sentence, figures with units, and the policies in the order of evaluation. */
export function EvidenceSides({ variants, isolation = [], definitionsOf }: Props) {
  return (
    <div className="grid grid-cols-1 gap-3">
      {SIDES.map(({ title, observers }) => {
        const own = variants.filter((variant) => observers.includes(variant.observer))
        if (own.length === 0 && title === 'Between') return null
        return (
          <section key={title}>
            <h3 className="font-medium text-(--text-muted)">{title}</h3>
            {own.length === 0 && <p>This side sent no record in this window.</p>}
            <ul className="grid grid-cols-1 gap-2">
              {own.map((variant) => (
                <li key={variant.id} className="rounded-md border border-(--border) p-2">
                  <p>{policySentence(variant)}</p>
                  <p className="text-(--text-muted)">{figures(variant)}</p>
                  <Trace title="Policies, in order" hits={variant.enforced} of={definitionOf(variant, definitionsOf)} />
                  {variant.pending !== 'same' && (
                    <Trace
                      title="With staged policies"
                      hits={variant.pendingTrace}
                      of={definitionOf(variant, definitionsOf)}
                    />
                  )}
                </li>
              ))}
            </ul>
            {isolation
              .filter(({ side }) => observers.includes(side))
              .map((one) => (
                <IsolatedBy key={one.side} isolation={one} {...(definitionsOf && { cluster: definitionsOf })} />
              ))}
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

/** The rule index counts in the direction of the side that told it. */
function definitionOf({ observer, lastMs }: EdgeVariant, cluster: string | undefined): DefinitionOf | undefined {
  if (!cluster) return undefined
  const direction = observer === 'client' ? 'egress' : observer === 'server' ? 'ingress' : undefined
  return { cluster, atMs: lastMs, ...(direction && { direction }) }
}

function IsolatedBy({ isolation, cluster }: { isolation: SideIsolation; cluster?: string }) {
  return (
    <div className="mt-2 rounded-md border border-dashed border-(--border) p-2">
      <p className="break-words">{isolationSentence(isolation)}</p>
      <p className="text-(--text-muted)">
        Computed by Postern from the inventory as of {formatClock(isolation.atMs)}; no source reported it.
      </p>
      {cluster &&
        isolation.isolating.map((policy) => (
          <div key={`${policy.kind} ${policyName(policy)} ${policy.tier}`} className="mt-1 break-words">
            {policyName(policy)}
            <PolicyDefinitionText policy={policy} of={{ cluster, atMs: isolation.atMs }} />
          </div>
        ))}
    </div>
  )
}

interface TraceProps {
  readonly title: string
  readonly hits: readonly PolicyHit[] | undefined
  readonly of?: DefinitionOf
}

function Trace({ title, hits, of }: TraceProps) {
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
            {of && <HitDefinition hit={hit} of={of} />}
          </li>
        ))}
      </ol>
    </details>
  )
}

/** Of the end of a tier, the text of what brought the tier into play; profiles and the engine's own rules have none. */
function HitDefinition({ hit, of }: { hit: PolicyHit; of: DefinitionOf }) {
  const policy = hit.kind === 'EndOfTier' ? hit.trigger : hit
  if (!policy || policy.kind === 'Profile' || policy.kind === 'Implicit') return null
  return (
    <PolicyDefinitionText
      policy={policy}
      of={{ ...of, ...(hit.ruleIndex !== undefined && { ruleIndex: hit.ruleIndex }) }}
    />
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
