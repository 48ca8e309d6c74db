import { Part } from '@/components/ui/part'
import type { EdgeDetail } from '@/lib/model/edge-detail'
import { DOOR_STATES } from '@/lib/model/egress'
import { DOOR_WORD } from '@/lib/view/door-sentence'
import { formatCount } from '@/lib/view/format'
import { DoorEvidence, WouldVerify } from '../door-evidence'

const INSIDE: readonly string[] = ['workload', 'host', 'kube-apiserver', 'ingress', 'local', 'database', 'queue']

/** By which door it left: counts, judged connections with their raw rows, and what would make the rest known. */
export function EdgeEgressTab({ detail }: { detail: EdgeDetail }) {
  const { edge, serverNode, wouldVerify } = detail
  if (!edge.door)
    return (
      <p>
        {INSIDE.includes(serverNode.class)
          ? `${serverNode.label} is not outside the cluster: this traffic leaves by no door.`
          : 'No connection of this edge was judged in this window: doors are judged of calls to providers that flow or NAT records tell of.'}
      </p>
    )
  const { counts } = edge.door
  return (
    <>
      <Part title="Connections by door">
        <dl className="grid grid-cols-[1fr_auto] gap-x-4">
          {DOOR_STATES.filter((state) => counts[state] > 0).map((state) => (
            <div key={state} className="contents">
              <dt className="text-(--text-muted)">{DOOR_WORD[state]}</dt>
              <dd className="text-right">
                <a className="text-(--accent) underline" href="#door-connections">
                  {formatCount(counts[state])}
                </a>
              </dd>
            </div>
          ))}
        </dl>
      </Part>
      {wouldVerify.length > 0 && (
        <Part title="What would verify this">
          <WouldVerify steps={wouldVerify} />
        </Part>
      )}
      <div id="door-connections">
        <DoorEvidence detail={detail} isHeadSaid />
      </div>
    </>
  )
}
