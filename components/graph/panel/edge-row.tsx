import type { GraphEdge } from '@/lib/model/graph'
import { counted, formatCount } from '@/lib/view/format'
import { DoorMark } from '../door-mark'
import { StateMark } from '../state-mark'

/** An edge in a list: the other end, the verdict with its counts, and the door; a press opens it. */
export function EdgeRow({ edge, label, onOpen }: { edge: GraphEdge; label: string; onOpen: () => void }) {
  return (
    <button
      type="button"
      className="w-full rounded-md border border-(--border) px-2 py-1 text-left hover:bg-(--surface-2)"
      onClick={onOpen}
    >
      <span className="block wrap-anywhere">
        {label} : {portsOf(edge)}
      </span>
      <span className="flex flex-wrap gap-x-3 text-(--text-muted)">
        <StateMark
          state={edge.state}
          {...(edge.state === 'mixed' && { counts: `${formatCount(edge.passed)} / ${formatCount(edge.denied)}` })}
        />
        {edge.door && <DoorMark state={edge.door.state} />}
        <span>{counted(edge.counters.connections, 'connection', 'connections')}</span>
        {edge.denied > 0 && edge.state !== 'mixed' && <span>{formatCount(edge.denied)} denied</span>}
        {edge.bundle && edge.bundle.edges > 1 && <span>{edge.bundle.edges} edges</span>}
      </span>
    </button>
  )
}

const portsOf = ({ bundle, serverPort, protocol }: GraphEdge): string =>
  bundle ? bundle.ports.join(', ') : `${serverPort || '–'}/${protocol}`
