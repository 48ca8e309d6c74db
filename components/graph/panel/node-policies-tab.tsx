import Link from 'next/link'
import type { ReactNode } from 'react'
import { Part } from '@/components/ui/part'
import { policiesSeen, type SeenPolicy } from '@/lib/graph/policies-seen'
import type { NodeDetail, NodeIsolation } from '@/lib/model/node-detail'
import { type PolicyRef, shownPolicyName } from '@/lib/model/policy'
import { counted, formatCount, formatMoment } from '@/lib/view/format'
import type { GraphView } from '@/lib/view/graph-view'
import { PolicyDefinitionText } from '../policy-definition'
import { policyRows } from './policy-rows'

/** Policies at a node: those that select it, computed from the inventory, and those that sources named as having decided. */
export function NodePoliciesTab({ detail, view }: { detail: NodeDetail; view: GraphView }) {
  return (
    <>
      <Selecting detail={detail} />
      <Deciding detail={detail} view={view} />
    </>
  )
}

function Selecting({ detail }: { detail: NodeDetail }) {
  const { isolation, hasInventory, node } = detail
  if (node.class !== 'workload') return null
  return (
    <Part title="Policies that isolate it">
      {isolation ? (
        <>
          <p className="text-(--text-muted)">
            Computed by Postern from the inventory as of {formatMoment(isolation.atMs)}; no source reported it.
          </p>
          {isolation.directions.map((one) => (
            <Direction key={one.direction} one={one} cluster={node.cluster} atMs={isolation.atMs} />
          ))}
        </>
      ) : (
        <p className="text-(--text-muted)">
          {hasInventory
            ? 'The inventory knows no policy of that time.'
            : `Not known: no Kubernetes inventory of cluster ${node.cluster} was read for these data (docs/kubernetes.md).`}
        </p>
      )}
    </Part>
  )
}

function Direction({ one, cluster, atMs }: { one: NodeIsolation; cluster: string; atMs: number }) {
  const { direction, isolating, undecided } = one
  return (
    <div className="mt-1">
      <h3 className="font-medium text-(--text-muted)">{direction === 'ingress' ? 'Ingress' : 'Egress'}</h3>
      {isolating.length === 0 && (
        <p>
          {undecided.length === 0
            ? `No policy isolates it for ${direction}: what none denies is allowed by default.`
            : `No policy is known to isolate it for ${direction}.`}
        </p>
      )}
      <ul>
        {isolating.map((policy) => (
          <li key={keyOf(policy)} className="wrap-anywhere">
            {shownPolicyName(policy)} <span className="text-(--text-muted)">({policy.kind})</span>
            <PolicyDefinitionText policy={policy} of={{ cluster, atMs, mark: 'selector' }} />
          </li>
        ))}
      </ul>
      {undecided.length > 0 && (
        <p className="wrap-anywhere text-(--text-muted)">
          Cannot be computed of {undecided.map(shownPolicyName).join(', ')}: labels or text are not known.
        </p>
      )}
    </div>
  )
}

function Deciding({ detail, view }: { detail: NodeDetail; view: GraphView }) {
  const seen = policiesSeen(detail.node.id, detail.edges)
  return (
    <Part title="Policies that decided">
      {seen.length === 0 ? (
        <p className="text-(--text-muted)">No source named a policy that decided at this node in this window.</p>
      ) : (
        <table className="w-full text-[12px]">
          <thead className="text-left text-(--text-muted)">
            <tr>
              {['Policy', 'Direction', 'Action', 'Connections', 'Edges'].map((title, index) => (
                <th
                  key={title}
                  scope="col"
                  className={`font-normal ${index > 0 ? 'pl-2' : ''} ${index > 2 ? 'text-right' : ''}`}
                >
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {seen.map((one) => (
              <Decided
                key={`${one.direction} ${one.action} ${keyOf(one.policy)}`}
                seen={one}
                rows={policyRows(view, detail.node, one)}
              />
            ))}
          </tbody>
        </table>
      )}
    </Part>
  )
}

function Decided({ seen, rows }: { seen: SeenPolicy; rows: ReturnType<typeof policyRows> }) {
  const { policy, direction, action, units, edges } = seen
  const of = `${shownPolicyName(policy)}, ${direction}, ${action}`
  return (
    <tr className="border-t border-(--border)">
      <th scope="row" className="pr-2 text-left font-normal wrap-anywhere">
        {shownPolicyName(policy)}
        {policy.tier && <span className="text-(--text-muted)"> · tier {policy.tier}</span>}
      </th>
      <td className="pl-2">{direction}</td>
      <td className="pl-2">{action}</td>
      <td className="pl-2 text-right">
        <Leading
          href={units > 0 ? rows?.flows : undefined}
          label={`${of}: ${counted(units, 'connection', 'connections')}. Show the flow records`}
        >
          {formatCount(units)}
        </Leading>
      </td>
      <td className="pl-2 text-right">
        <Leading href={rows?.graph} label={`${of}: ${counted(edges, 'edge', 'edges')}. Show in the graph`}>
          {formatCount(edges)}
        </Leading>
      </td>
    </tr>
  )
}

function Leading({ href, label, children }: { href: string | undefined; label: string; children: ReactNode }) {
  if (href === undefined) return children
  return (
    <Link className="text-(--accent) underline" aria-label={label} href={href}>
      {children}
    </Link>
  )
}

const keyOf = (policy: PolicyRef): string => `${policy.kind} ${shownPolicyName(policy)} ${policy.tier}`
