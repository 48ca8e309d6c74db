import { CoverageLine } from '@/components/coverage/coverage-line'
import { EdgeEvidence } from '@/components/graph/edge-evidence'
import { FrozenGraph } from '@/components/graph/frozen-graph'
import { ThemeToggle } from '@/components/ui/theme-toggle'
import type { IncidentSnapshot } from '@/lib/model/share'
import { counted, formatMoment } from '@/lib/view/format'

interface Props {
  readonly snapshot: IncidentSnapshot
  readonly sha256: string
  readonly expiresMs?: number
}

/** A frozen incident, read-only: what was known at one moment, never a live query. */
export function SharedIncident({ snapshot, sha256, expiresMs }: Props) {
  const { graph, edges, finding } = snapshot
  const window = `${formatMoment(graph.window.fromMs)} to ${formatMoment(graph.window.toMs)}`
  const [first] = edges
  return (
    <main className="pb-16">
      <header className="mx-auto grid max-w-[760px] gap-2 px-4 pt-8 pb-4">
        <div className="flex items-center justify-between text-(--text-muted)">
          <span className="font-semibold">Postern · incident</span>
          <ThemeToggle />
        </div>
        <h1 className="text-[20px] font-semibold break-words">{snapshot.title}</h1>
        {finding && (
          <p>
            <span className="inline-block first-letter:uppercase">{finding.severity} finding</span>, {finding.status}{' '}
            when frozen; seen {counted(finding.count, 'time', 'times')}, first {formatMoment(finding.firstSeenMs)}, last{' '}
            {formatMoment(finding.lastSeenMs)}.
          </p>
        )}
        <p className="text-(--text-muted)">
          Frozen {formatMoment(snapshot.frozenAtMs)}, window {window}, by Postern {snapshot.appVersion}. Nothing on this
          page changes any more. {expiresMs ? `The link ends ${formatMoment(expiresMs)}.` : ''}
        </p>
      </header>
      <div className="border-y border-(--border)">
        <FrozenGraph graph={graph} selected={first ? `edge:${first.edge.id}` : ''} />
      </div>
      <div className="mx-auto grid max-w-[760px] gap-6 px-4 pt-6">
        {graph.hidden.edges > 0 && (
          <p className="text-(--text-muted)">{graph.hidden.edges} quieter edges around it were left out.</p>
        )}
        {edges.map((detail) => (
          <article key={detail.edge.id} className="grid gap-3">
            <h2 className="text-[16px] font-semibold break-words">
              {detail.clientNode.label} → {detail.serverNode.label}, port {detail.edge.serverPort}/
              {detail.edge.protocol}
            </h2>
            <EdgeEvidence detail={detail} windowWords="this window" />
          </article>
        ))}
        <section>
          <h2 className="mb-1 font-semibold">Sources at that moment</h2>
          <CoverageLine coverage={graph.coverage} nowMs={snapshot.frozenAtMs} isWhole />
        </section>
        <p className="text-[11px] break-all text-(--text-muted)">Evidence sha256 {sha256}</p>
      </div>
    </main>
  )
}
