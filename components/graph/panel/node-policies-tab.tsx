import { Part } from '@/components/ui/part'
import { policiesSeen } from '@/lib/graph/policies-seen'
import type { NodeDetail, NodeIsolation } from '@/lib/model/node-detail'
import { type PolicyRef, shownPolicyName } from '@/lib/model/policy'
import { formatCount, formatMoment } from '@/lib/view/format'
import { PolicyDefinitionText } from '../policy-definition'

/** Policies at a node: those that select it, computed from the inventory, and those that sources named as having decided. */
export function NodePoliciesTab({ detail }: { detail: NodeDetail }) {
  return (
    <>
      <Selecting detail={detail} />
      <Deciding detail={detail} />
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

function Deciding({ detail }: { detail: NodeDetail }) {
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
            {seen.map(({ policy, direction, action, units, edges }) => (
              <tr key={`${direction} ${action} ${keyOf(policy)}`} className="border-t border-(--border)">
                <th scope="row" className="pr-2 text-left font-normal wrap-anywhere">
                  {shownPolicyName(policy)}
                  {policy.tier && <span className="text-(--text-muted)"> · tier {policy.tier}</span>}
                </th>
                <td className="pl-2">{direction}</td>
                <td className="pl-2">{action}</td>
                <td className="pl-2 text-right">{formatCount(units)}</td>
                <td className="pl-2 text-right">{edges}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Part>
  )
}

const keyOf = (policy: PolicyRef): string => `${policy.kind} ${shownPolicyName(policy)} ${policy.tier}`
