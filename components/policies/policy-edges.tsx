import Link from 'next/link'
import { StateMark } from '@/components/graph/state-mark'
import type { PolicyDetail, PolicyEdge } from '@/lib/model/policy-report'
import { formatCount } from '@/lib/view/format'
import { type GraphView, serializeGraphView } from '@/lib/view/graph-view'

const COUNTS = [
  ['allowed', 'allowed'],
  ['denied', 'denied'],
  ['deniedByDefault', 'denied by default'],
  ['passed', 'handed on'],
  ['wouldDeny', 'would be denied'],
  ['wouldAllow', 'would be allowed'],
] as const

/** The edges that a policy has a say in, what it refuses first; each opens in the graph. */
export function PolicyEdges({ detail, windowView }: { detail: PolicyDetail; windowView: GraphView }) {
  const { edges, edgesTotal } = detail
  return (
    <section>
      <h3 className="mb-1 font-semibold">
        Edges <span className="font-normal text-(--text-muted)">{formatCount(edgesTotal)}</span>
      </h3>
      {edges.length === 0 ? (
        <p className="text-(--text-muted)">No record of this window names it for an edge.</p>
      ) : (
        <div className="overflow-x-auto rounded-md border border-(--border)">
          <table className="w-full border-collapse text-[12px]">
            <caption className="sr-only">Edges that the policy has a say in</caption>
            <thead className="text-left text-(--text-muted)">
              <tr className="border-b border-(--border)">
                <th scope="col" className="px-2 py-1.5 font-medium">
                  Edge
                </th>
                <th scope="col" className="px-2 py-1.5 font-medium">
                  By this policy
                </th>
                <th scope="col" className="px-2 py-1.5 font-medium">
                  The edge
                </th>
              </tr>
            </thead>
            <tbody>
              {edges.map((edge) => (
                <tr key={edge.id} className="border-b border-(--border) align-top last:border-0">
                  <th scope="row" className="px-2 py-1.5 text-left font-normal">
                    <Link
                      className="break-words hover:underline"
                      href={`/graph?${serializeGraphView({ ...windowView, scope: 'all', selected: `edge:${edge.id}` })}`}
                    >
                      {edge.client} → {edge.server}
                    </Link>{' '}
                    <span className="text-(--text-muted)">
                      {edge.serverPort || '–'}/{edge.protocol}
                    </span>
                  </th>
                  <td className="px-2 py-1.5 tabular-nums">{countsOf(edge)}</td>
                  <td className="px-2 py-1.5">
                    <StateMark state={edge.state} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {edgesTotal > edges.length && (
        <p className="text-(--text-muted)">{formatCount(edgesTotal - edges.length)} more are not listed.</p>
      )}
    </section>
  )
}

function countsOf({ counts }: PolicyEdge): string {
  const told = COUNTS.filter(([key]) => counts[key] > 0).map(([key, word]) => `${formatCount(counts[key])} ${word}`)
  return told.join(', ') || 'named; no new connection counted'
}
