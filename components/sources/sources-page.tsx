'use client'
import { TriangleAlert } from 'lucide-react'
import { DatasetChip } from '@/components/datasets/dataset-chip'
import { TopBar } from '@/components/frame/top-bar'
import { useGraphView } from '@/components/graph/use-graph-view'
import { TimePicker } from '@/components/time/time-picker'
import type { SourceReport } from '@/lib/model/source-report'
import { formatMoment } from '@/lib/view/format'
import type { GraphView } from '@/lib/view/graph-view'
import { isCollectorFailing } from '@/lib/view/source-words'
import { whyEmpty } from '@/lib/view/why-empty'
import { CanaryForm } from './canary-form'
import { CollectorTable } from './collector-table'
import { ConnectCluster } from './connect-cluster'
import { EmptyCauses } from './empty-causes'
import { SourceTable } from './source-table'
import { useSources } from './use-sources'

/** What each source told and each collector says, what is wrong with them and what to do, and how to connect the next one. */
export function SourcesPage() {
  const { view, change } = useGraphView()
  const { report, nowMs, error } = useSources(view)
  return (
    <>
      <TopBar title="Sources">
        <DatasetChip name={view.dataset} />
        <div className="ml-auto">
          <TimePicker from={view.from} to={view.to} zone={view.zone} onChange={change} />
        </div>
      </TopBar>
      <main className="min-h-0 flex-1 space-y-6 overflow-y-auto p-4">
        {error && (
          <div role="alert" className="grid gap-2">
            <p>The sources could not be {report ? 'asked again; what follows is older' : 'loaded'}.</p>
            <EmptyCauses causes={whyEmpty(report, { ...view, window: { fromMs: 0, toMs: nowMs }, nowMs }, error)} />
          </div>
        )}
        {!report && !error && <p className="text-(--text-muted)">Loading the sources …</p>}
        {report && <Report report={report} view={view} nowMs={nowMs} />}
        <ConnectCluster cluster={view.cluster} />
        <CanaryForm cluster={view.cluster} />
      </main>
    </>
  )
}

/** The table of collectors stands below that of the sources, which may be long. */
function FailingCollectors({ collectors, nowMs }: { collectors: SourceReport['collectors']; nowMs: number }) {
  const failing = collectors.filter((one) => isCollectorFailing(one, nowMs)).map(({ name }) => name)
  if (failing.length === 0) return null
  return (
    <p className="mb-2 break-words">
      <TriangleAlert aria-hidden size={13} className="mr-1 inline align-[-2px]" />
      <a href="#collectors" className="underline">
        {failing.length === 1 ? 'A collector does' : `${failing.length} collectors do`} not work
      </a>
      : {failing.join(', ')}.
    </p>
  )
}

function Report({ report, view, nowMs }: { report: SourceReport; view: GraphView; nowMs: number }) {
  const { cluster } = view
  const sources = report.sources.filter((source) => !cluster || source.cluster === cluster)
  const hasRecords = sources.some((source) => source.acceptedInWindow + source.duplicatesInWindow > 0)
  const window = { fromMs: report.fromMs, toMs: nowMs }
  return (
    <>
      {!hasRecords && (
        <section aria-labelledby="empty" className="rounded-md border border-(--border) bg-(--surface) p-3">
          <h2 id="empty" className="mb-1 text-[15px] font-semibold">
            Nothing was stored since {formatMoment(report.fromMs)}
          </h2>
          <EmptyCauses causes={whyEmpty(report, { ...view, window, nowMs })} />
        </section>
      )}
      {sources.length > 0 && (
        <section aria-labelledby="sources">
          <h2 id="sources" className="mb-2 text-[15px] font-semibold">
            Sources
          </h2>
          <FailingCollectors collectors={report.collectors} nowMs={nowMs} />
          <SourceTable sources={sources} fromMs={report.fromMs} nowMs={nowMs} />
        </section>
      )}
      {report.collectors.length > 0 && (
        <section aria-labelledby="collectors">
          <h2 id="collectors" className="mb-2 text-[15px] font-semibold">
            Collectors
          </h2>
          <CollectorTable collectors={report.collectors} nowMs={nowMs} />
        </section>
      )}
    </>
  )
}
