'use client'
import { useRef, useState } from 'react'
import { Button } from '@/components/ui/button'
import { Part } from '@/components/ui/part'
import { urgencyOf } from '@/lib/graph/urgency'
import type { DoorState } from '@/lib/model/egress'
import type { NodeDetail } from '@/lib/model/node-detail'
import { DOOR_WORD } from '@/lib/view/door-sentence'
import { DoorCounts } from './door-counts'
import { EdgeRow } from './edge-row'
import type { PanelContext } from './panel-context'

const SHOWN_AT_ONCE = 100

/** A node's judged edges: connections by door, and each edge to open for its evidence. */
export function NodeEgressTab({ detail, context }: { detail: NodeDetail; context: PanelContext }) {
  const [state, setState] = useState<DoorState | ''>('')
  const [shown, setShown] = useState(SHOWN_AT_ONCE)
  const list = useRef<HTMLDivElement>(null)
  const judged = detail.edges.filter((edge) => edge.door).sort((a, b) => urgencyOf(b) - urgencyOf(a))
  if (judged.length === 0)
    return (
      <p>
        No connection of this node was judged in this window: doors are judged of calls to providers that flow or NAT
        records tell of.
      </p>
    )
  const peers = new Map(detail.peers.map((node) => [node.id, node]))
  const listed = state === '' ? judged : judged.filter(({ door }) => (door?.counts[state] ?? 0) > 0)
  const show = (wanted: DoorState | '') => {
    setState(wanted)
    setShown(SHOWN_AT_ONCE)
    list.current?.scrollIntoView({ block: 'nearest' })
  }
  return (
    <>
      <DoorCounts
        countOf={(one) => judged.reduce((sum, { door }) => sum + (door?.counts[one] ?? 0), 0)}
        onShow={show}
      />
      <div ref={list}>
        <Part
          title={`Edges behind them (${listed.length})`}
          aside={
            listed.length < judged.length && (
              <Button size="small" onClick={() => show('')}>
                All {judged.length}
              </Button>
            )
          }
        >
          {state && <p className="mb-1 text-(--text-muted)">With connections judged: {DOOR_WORD[state]}</p>}
          <ul className="grid gap-1">
            {listed.slice(0, shown).map((edge) => (
              <li key={edge.id}>
                <EdgeRow
                  edge={edge}
                  label={peers.get(edge.client === detail.node.id ? edge.server : edge.client)?.label ?? ''}
                  onOpen={() => context.change({ selected: `edge:${edge.id}`, panel: 'egress' })}
                />
              </li>
            ))}
          </ul>
          {listed.length > shown && (
            <p className="mt-2 flex items-center gap-2 text-(--text-muted)">
              <Button size="small" onClick={() => setShown(shown + SHOWN_AT_ONCE)}>
                Show more
              </Button>
              {listed.length - shown} more
            </p>
          )}
        </Part>
      </div>
    </>
  )
}
