'use client'
import { useState } from 'react'
import type { ServiceGraph } from '@/lib/model/graph'
import type { GraphView } from '@/lib/view/graph-view'

interface Props {
  readonly graph: ServiceGraph
  readonly view: GraphView
  change(part: Partial<GraphView>): void
}

const JUMP_SPAN_MS = 15 * 60_000
const BUTTON = 'rounded-md border border-(--border) bg-(--surface) px-3 py-1.5 hover:bg-(--surface-2)'

/** Why the page is empty, and the next step: filtered away, data elsewhere in time, or nothing ever arrived. */
export function EmptyGraph({ graph, view, change }: Props) {
  if (graph.hidden.edges > 0)
    return (
      <Notice
        title="This view hides everything"
        text={`${graph.hidden.edges} edges of this window do not match the view.`}
      >
        <button
          type="button"
          className={BUTTON}
          onClick={() => change({ scope: 'all', states: [], namespaces: [], text: '' })}
        >
          Show all traffic
        </button>
      </Notice>
    )
  const newestMs = graph.newestMs
  if (newestMs !== undefined)
    return (
      <Notice title="No traffic in this window" text={`The newest record is from ${new Date(newestMs).toISOString()}.`}>
        <button
          type="button"
          className={BUTTON}
          onClick={() =>
            change({ from: String(Math.floor(newestMs) - JUMP_SPAN_MS), to: String(Math.ceil(newestMs) + 1000) })
          }
        >
          Jump to newest data
        </button>
      </Notice>
    )
  return <FirstVisit isDataset={view.dataset !== ''} />
}

function FirstVisit({ isDataset }: { isDataset: boolean }) {
  const [error, setError] = useState('')
  const origin = typeof window === 'undefined' ? 'http://localhost:3000' : window.location.origin
  const loadDemo = async () => {
    const response = await fetch('/api/demo', { method: 'POST' })
    const answer: unknown = await response.json().catch(() => undefined)
    if (response.ok && typeof answer === 'object' && answer && 'view' in answer && typeof answer.view === 'string')
      window.location.assign(answer.view)
    else setError('The demo could not be loaded; the server’s log has the reason.')
  }
  return (
    <Notice
      title="Nothing has arrived yet"
      text={
        isDataset
          ? 'This dataset holds no records.'
          : 'Postern draws what your cluster’s flow logs tell. Look at the demo first, or connect your cluster.'
      }
    >
      <button type="button" className={BUTTON} onClick={() => void loadDemo()}>
        Load demo
      </button>
      {error && <p role="alert">{error}</p>}
      <section className="mt-4 w-full text-left">
        <h3 className="font-semibold">Connect my cluster</h3>
        <p className="mt-1">Cilium, from any machine that can reach Hubble Relay:</p>
        <pre className="mt-1 overflow-x-auto rounded-md border border-(--border) bg-(--surface-2) p-3 text-[12px]">
          {`hubble observe --last 1000 -o json | curl --data-binary @- \\\n  -H 'X-Postern-Cluster: my-cluster' ${origin}/api/ingest/hubble`}
        </pre>
        <p className="mt-2">For good, the Hubble exporter’s files through Fluent Bit:</p>
        <pre className="mt-1 overflow-x-auto rounded-md border border-(--border) bg-(--surface-2) p-3 text-[12px]">
          {`[OUTPUT]\n    Name        http\n    Match       hubble\n    Host        ${typeof window === 'undefined' ? 'localhost' : window.location.hostname}\n    Port        ${typeof window === 'undefined' ? '3000' : window.location.port || '443'}\n    URI         /api/ingest/hubble\n    Format      json_lines\n    Header      X-Postern-Cluster my-cluster`}
        </pre>
      </section>
    </Notice>
  )
}

function Notice({ title, text, children }: { title: string; text: string; children: React.ReactNode }) {
  return (
    <div className="mx-auto mt-10 grid max-w-2xl justify-items-start gap-2">
      <h2 className="text-[16px] font-semibold">{title}</h2>
      <p className="text-(--text-muted)">{text}</p>
      {children}
    </div>
  )
}
