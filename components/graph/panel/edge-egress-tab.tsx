'use client'
import { useRef, useState } from 'react'
import { Part } from '@/components/ui/part'
import type { EdgeDetail } from '@/lib/model/edge-detail'
import type { DoorState } from '@/lib/model/egress'
import { doorSentences } from '@/lib/view/door-sentence'
import { Sentences, WouldVerify } from '../door-evidence'
import { DoorCounts } from './door-counts'
import { JudgedConnections } from './judged-connections'

const INSIDE: readonly string[] = ['workload', 'host', 'kube-apiserver', 'ingress', 'local', 'database', 'queue']

/** By which door it left: counts, judged connections with their raw rows, and what would make the rest known. */
export function EdgeEgressTab({ detail, params }: { detail: EdgeDetail; params: string }) {
  const { edge, serverNode, wouldVerify } = detail
  const [state, setState] = useState<DoorState | ''>('')
  const list = useRef<HTMLDivElement>(null)
  if (!edge.door)
    return (
      <p>
        {INSIDE.includes(serverNode.class)
          ? `${serverNode.label} is not outside the cluster: this traffic leaves by no door.`
          : 'No connection of this edge was judged in this window: doors are judged of calls to providers that flow or NAT records tell of.'}
      </p>
    )
  const show = (wanted: DoorState) => {
    setState(wanted)
    list.current?.scrollIntoView({ block: 'start' })
  }
  return (
    <>
      <DoorCounts countOf={(one) => edge.door?.counts[one] ?? 0} onShow={show} />
      {wouldVerify.length > 0 && (
        <Part title="What would verify this">
          <WouldVerify steps={wouldVerify} />
        </Part>
      )}
      <div ref={list}>
        {/* The first sentence stands above the tabs. */}
        <Sentences all={doorSentences(edge.door, wouldVerify.length > 0).slice(1)} />
        <JudgedConnections detail={detail} params={params} state={state} onState={setState} />
      </div>
    </>
  )
}
