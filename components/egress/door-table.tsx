import { DoorMark } from '@/components/graph/door-mark'
import { StateMark } from '@/components/graph/state-mark'
import type { DoorState } from '@/lib/model/egress'
import type { GraphEdge, ServiceGraph } from '@/lib/model/graph'
import { doorSentences } from '@/lib/view/door-sentence'
import { formatCount } from '@/lib/view/format'

const ORDER: readonly DoorState[] = [
  'violation',
  'broken',
  'unverified',
  'no_rule',
  'sanctioned',
  'blocked',
  'not_applicable',
]

interface Props {
  readonly graph: ServiceGraph
  readonly selected: string
  onSelect(selected: string): void
}

/** Every workload → provider edge of the window with its door, violations first; a row opens its evidence. */
export function DoorTable({ graph, selected, onSelect }: Props) {
  const nodes = new Map(graph.nodes.map((node) => [node.id, node]))
  const rows = graph.edges
    .flatMap((edge) => (edge.door ? [{ edge, door: edge.door }] : []))
    .sort(
      (a, b) =>
        ORDER.indexOf(a.door.state) - ORDER.indexOf(b.door.state) || nameOf(a.edge).localeCompare(nameOf(b.edge)),
    )
  function nameOf(edge: GraphEdge): string {
    return `${nodes.get(edge.client)?.label} ${nodes.get(edge.server)?.label}`
  }
  const isOfMany = new Set(rows.map(({ edge }) => edge.cluster)).size > 1
  if (rows.length === 0)
    return (
      <p className="text-(--text-muted)">
        No call to an AI provider was seen in this window. Calls are known by the name of their host, so flow records
        need DNS names: the Sources page says how.
      </p>
    )
  return (
    <div className="overflow-x-auto rounded-md border border-(--border) bg-(--surface)">
      <table className="w-full border-collapse text-[12px]">
        <caption className="sr-only">Doors by which workloads reached AI providers in this window</caption>
        <thead className="text-left text-(--text-muted)">
          <tr className="border-b border-(--border)">
            {[
              ...(isOfMany ? ['Cluster'] : []),
              'Workload',
              'Provider',
              'Door',
              'What is known',
              'Proven',
              'Verdict',
            ].map((title) => (
              <th key={title} scope="col" className="px-3 py-2 font-medium">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ edge, door }) => {
            const proven = door.counts.sanctioned + door.counts.violation
            const left = proven + door.counts.unverified + door.counts.no_rule
            const isOpen = selected === `edge:${edge.id}`
            return (
              <tr
                key={edge.id}
                className={`border-b border-(--border) align-top last:border-b-0 ${isOpen ? 'bg-(--surface-2)' : ''}`}
              >
                {isOfMany && <td className="px-3 py-1.5 whitespace-nowrap text-(--text-muted)">{edge.cluster}</td>}
                <th scope="row" className="px-3 py-1.5 text-left font-normal whitespace-nowrap">
                  <button
                    type="button"
                    className="text-(--accent) underline"
                    aria-expanded={isOpen}
                    onClick={() => onSelect(isOpen ? '' : `edge:${edge.id}`)}
                  >
                    {nodes.get(edge.client)?.label}
                  </button>
                </th>
                <td className="px-3 py-1.5">{nodes.get(edge.server)?.label}</td>
                <td className="px-3 py-1.5">
                  <DoorMark state={door.state} />
                </td>
                <td className="px-3 py-1.5">{doorSentences(door)[0]}</td>
                <td className="px-3 py-1.5 whitespace-nowrap">
                  {formatCount(proven)} of {formatCount(left)} connections
                </td>
                <td className="px-3 py-1.5">
                  <StateMark state={edge.state} />
                </td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </div>
  )
}
