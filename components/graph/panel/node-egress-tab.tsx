import { Part } from '@/components/ui/part'
import { urgencyOf } from '@/lib/graph/urgency'
import { DOOR_STATES } from '@/lib/model/egress'
import type { NodeDetail } from '@/lib/model/node-detail'
import { DOOR_WORD } from '@/lib/view/door-sentence'
import { formatCount } from '@/lib/view/format'
import { EdgeRow } from './edge-row'
import type { PanelContext } from './panel-context'

/** A node's judged edges: connections by door, and each edge to open for its evidence. */
export function NodeEgressTab({ detail, context }: { detail: NodeDetail; context: PanelContext }) {
  const judged = detail.edges.filter((edge) => edge.door).sort((a, b) => urgencyOf(b) - urgencyOf(a))
  if (judged.length === 0)
    return (
      <p>
        No connection of this node was judged in this window: doors are judged of calls to providers that flow or NAT
        records tell of.
      </p>
    )
  const peers = new Map(detail.peers.map((node) => [node.id, node]))
  const countOf = (state: (typeof DOOR_STATES)[number]) =>
    judged.reduce((sum, edge) => sum + (edge.door?.counts[state] ?? 0), 0)
  return (
    <>
      <Part title="Connections by door">
        <dl className="grid grid-cols-[1fr_auto] gap-x-4">
          {DOOR_STATES.filter((state) => countOf(state) > 0).map((state) => (
            <div key={state} className="contents">
              <dt className="text-(--text-muted)">{DOOR_WORD[state]}</dt>
              <dd className="text-right">
                <a className="text-(--accent) underline" href="#judged-edges">
                  {formatCount(countOf(state))}
                </a>
              </dd>
            </div>
          ))}
        </dl>
      </Part>
      <Part title={`Edges behind them (${judged.length})`}>
        <ul id="judged-edges" className="grid gap-1">
          {judged.slice(0, 100).map((edge) => (
            <li key={edge.id}>
              <EdgeRow
                edge={edge}
                label={peers.get(edge.client === detail.node.id ? edge.server : edge.client)?.label ?? ''}
                onOpen={() => context.change({ selected: `edge:${edge.id}`, panel: 'egress' })}
              />
            </li>
          ))}
        </ul>
      </Part>
    </>
  )
}
