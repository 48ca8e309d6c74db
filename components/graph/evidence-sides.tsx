import type { SideIsolation } from '@/lib/model/edge-detail'
import type { EdgeVariant } from '@/lib/model/graph'
import { policyName } from '@/lib/model/policy'
import { counted, formatClock } from '@/lib/view/format'
import { isolationSentence } from '@/lib/view/isolation-sentence'
import { reportSentence } from '@/lib/view/verdict-sentence'
import { PolicyDefinitionText } from './policy-definition'
import { PolicyTraceTable } from './policy-trace-table'

interface Side {
  readonly title: string
  readonly observers: readonly EdgeVariant['observer'][]
  /** The rule index counts in the direction of the side that told it. */
  readonly direction?: 'egress' | 'ingress'
}

const SIDES: readonly Side[] = [
  { title: 'Client side: egress', observers: ['client'], direction: 'egress' },
  { title: 'Server side: ingress', observers: ['server'], direction: 'ingress' },
  { title: 'Between', observers: ['gateway', 'unknown'] },
]

interface Props {
  readonly variants: readonly EdgeVariant[]
  readonly isolation?: readonly SideIsolation[]
  /** Cluster whose inventory has the texts of policies; absent = they cannot be shown. */
  readonly definitionsOf?: string
}

/** What each side of the connection said: sentence, who reported it, figures with units, and both evaluations as tables. */
export function EvidenceSides({ variants, isolation = [], definitionsOf }: Props) {
  return (
    <div className="grid grid-cols-1 gap-3">
      {SIDES.map((side) => {
        const own = variants.filter((variant) => side.observers.includes(variant.observer))
        if (own.length === 0 && side.title === 'Between') return null
        return (
          <section key={side.title} className="min-w-0">
            <h3 className="font-medium text-(--text-muted)">{side.title}</h3>
            {own.length === 0 && <p>This side sent no record in this window.</p>}
            <ul className="grid grid-cols-1 gap-2">
              {own.map((variant) => (
                <li
                  key={variant.id}
                  className="grid min-w-0 grid-cols-1 gap-1.5 rounded-md border border-(--border) p-2"
                >
                  <p className="wrap-anywhere">{reportSentence(variant)}</p>
                  <p className="text-(--text-muted)">{figures(variant)}</p>
                  <Traces variant={variant} side={side} {...(definitionsOf && { cluster: definitionsOf })} />
                </li>
              ))}
            </ul>
            {isolation
              .filter((one) => side.observers.includes(one.side))
              .map((one) => (
                <IsolatedBy key={one.side} isolation={one} {...(definitionsOf && { cluster: definitionsOf })} />
              ))}
          </section>
        )
      })}
    </div>
  )
}

const REPORTER: Readonly<Record<EdgeVariant['observer'], string>> = {
  client: 'the client’s node',
  server: 'the server’s node',
  gateway: 'a gateway node',
  unknown: 'a node that is not told',
}

function figures({ counters, source, observer, lastMs }: EdgeVariant): string {
  const parts = [
    [counters.connections, 'connection', 'connections'],
    [counters.requests, 'request', 'requests'],
    [counters.events, 'other event', 'other events'],
  ] as const
  const said = parts.filter(([count]) => count > 0).map(([count, one, many]) => counted(count, one, many))
  return `${said.join(', ') || 'No figures'}; reported by ${source} at ${REPORTER[observer]}, last at ${formatClock(lastMs)}`
}

function Traces({ variant, side, cluster }: { variant: EdgeVariant; side: Side; cluster?: string }) {
  if (variant.source === 'nat' || variant.source === 'otlp') return null
  const of = cluster ? { cluster, atMs: variant.lastMs } : undefined
  const shared = { ...(of && { of }), ...(side.direction && { direction: side.direction }) }
  return (
    <>
      <PolicyTraceTable title="Enforced policies" hits={variant.enforced} unreported="not reported." {...shared} />
      <PolicyTraceTable
        title="Pending policies"
        hits={variant.pendingTrace}
        unreported={
          variant.source === 'hubble'
            ? 'not reported; Cilium has none but its audit mode.'
            : 'not reported beside the enforced ones.'
        }
        {...shared}
      />
    </>
  )
}

function IsolatedBy({ isolation, cluster }: { isolation: SideIsolation; cluster?: string }) {
  return (
    <div className="mt-2 rounded-md border border-dashed border-(--border) p-2">
      <p className="wrap-anywhere">{isolationSentence(isolation)}</p>
      <p className="text-(--text-muted)">
        Computed by Postern from the inventory as of {formatClock(isolation.atMs)}; no source reported it.
      </p>
      {cluster &&
        isolation.isolating.map((policy) => (
          <div key={`${policy.kind} ${policyName(policy)} ${policy.tier}`} className="mt-1 wrap-anywhere">
            <PolicyDefinitionText policy={policy} of={{ cluster, atMs: isolation.atMs, mark: 'selector' }} />
          </div>
        ))}
    </div>
  )
}
