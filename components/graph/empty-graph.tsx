'use client'
import Link from 'next/link'
import { useState } from 'react'
import { useDatasetName } from '@/components/datasets/use-datasets'
import { ConnectCluster } from '@/components/sources/connect-cluster'
import { WhyEmpty } from '@/components/sources/why-empty'
import { Button } from '@/components/ui/button'
import type { ServiceGraph } from '@/lib/model/graph'
import { shownText } from '@/lib/model/shown-text'
import { datasetTitle } from '@/lib/view/dataset-words'
import { UNFILTERED } from '@/lib/view/filter-words'
import { formatMoment } from '@/lib/view/format'
import { DEFAULT_VIEW, type GraphView } from '@/lib/view/graph-view'

interface Props {
  readonly graph: ServiceGraph
  readonly view: GraphView
  /** A frame may not ask for the sources. */
  readonly isEmbedded?: boolean
  change(part: Partial<GraphView>): void
}

const JUMP_SPAN_MS = 15 * 60_000

/** Why the page is empty, and the next step: filtered away, data elsewhere in time, or nothing ever arrived. */
export function EmptyGraph({ graph, view, isEmbedded = false, change }: Props) {
  if (view.isOnlyProblems && graph.hidden.by?.problems)
    return (
      <Notice
        title="No problems in this view"
        text={`${graph.hidden.by.problems.edges} ${graph.hidden.by.problems.edges === 1 ? 'edge needs' : 'edges need'} nobody: nothing denied, dropped or with an open finding, and no proven violation.`}
      >
        <Button onClick={() => change({ isOnlyProblems: false })}>
          {graph.hidden.by.problems.edges === 1 ? 'Show it' : 'Show them'}
        </Button>
      </Notice>
    )
  if (graph.hidden.edges > 0)
    return (
      <Notice
        title="This view hides everything"
        text={`${graph.hidden.edges} ${graph.hidden.edges === 1 ? 'edge' : 'edges'} of this window do not match the view.`}
      >
        <Button onClick={() => change({ ...UNFILTERED, cluster: view.cluster })}>Show all traffic</Button>
        {view.cluster && <Button onClick={() => change({ cluster: '' })}>Show all clusters</Button>}
        {!isEmbedded && <WhyEmpty view={view} hiddenEdges={graph.hidden.edges} />}
      </Notice>
    )
  const newestMs = graph.newestMs
  if (newestMs !== undefined)
    return (
      <Notice title="No traffic in this window" text={`The newest record is from ${formatMoment(newestMs)}.`}>
        <Button
          onClick={() =>
            change({ from: String(Math.floor(newestMs) - JUMP_SPAN_MS), to: String(Math.ceil(newestMs) + 1000) })
          }
        >
          Jump to newest data
        </Button>
        {!isEmbedded && <WhyEmpty view={view} />}
      </Notice>
    )
  return <FirstVisit view={view} isEmbedded={isEmbedded} change={change} />
}

function FirstVisit({ view, isEmbedded, change }: Omit<Required<Props>, 'graph'>) {
  const [error, setError] = useState('')
  const { dataset, isMissing } = useDatasetName(isEmbedded ? '' : view.dataset)
  const name = dataset ? datasetTitle(dataset) : view.dataset
  const loadDemo = async () => {
    const response = await fetch('/api/demo', { method: 'POST' })
    const answer: unknown = await response.json().catch(() => undefined)
    if (response.ok && typeof answer === 'object' && answer && 'view' in answer && typeof answer.view === 'string')
      window.location.assign(answer.view)
    else setError('The demo could not be loaded; the server’s log has the reason.')
  }
  return (
    <Notice
      title={
        view.dataset === ''
          ? 'Nothing has arrived yet'
          : isMissing
            ? `Dataset ${shownText(name)} does not exist`
            : `Dataset ${shownText(name)} is empty`
      }
      text={
        isMissing
          ? 'Its name is mistyped, it was deleted, or its import never ran. Look at the demo, or at live data.'
          : view.dataset !== ''
            ? `It holds no records.${isEmbedded ? '' : ' Look at the demo, or at live data.'}`
            : isEmbedded
              ? 'Postern draws what flow logs tell, once a source sends them.'
              : 'Postern draws what your cluster’s flow logs tell. Look at the demo first, or connect your cluster.'
      }
    >
      {!isEmbedded && (
        <div className="flex flex-wrap items-center gap-3">
          <Button onClick={() => void loadDemo()}>Load demo</Button>
          {view.dataset !== '' && (
            <>
              <Button onClick={() => change({ ...DEFAULT_VIEW, scope: view.scope })}>Show live data</Button>
              <Link href="/datasets" className="text-(--accent) underline">
                Datasets
              </Link>
            </>
          )}
        </div>
      )}
      {error && <p role="alert">{error}</p>}
      {!isEmbedded && view.dataset === '' && <WhyEmpty view={view} />}
      {!isEmbedded && view.dataset === '' && (
        <div className="mt-4 w-full">
          <ConnectCluster cluster={view.cluster} />
        </div>
      )}
    </Notice>
  )
}

function Notice({ title, text, children }: { title: string; text: string; children: React.ReactNode }) {
  return (
    <div className="mx-auto my-10 grid max-w-3xl px-4 justify-items-start gap-2">
      <h2 className="text-[16px] font-semibold">{title}</h2>
      <p className="text-(--text-muted)">{text}</p>
      {children}
    </div>
  )
}
