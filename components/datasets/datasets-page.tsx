'use client'
import { TopBar } from '@/components/frame/top-bar'
import { CommandBlock } from '@/components/ui/command-block'
import { LoadProblem } from '@/components/ui/load-problem'
import { Prose } from '@/components/ui/prose'
import { DatasetTable } from './dataset-table'
import { useDatasets } from './use-datasets'

const PIN_COMMAND = 'npm run postern -- import recordings/ --dataset outage-of-may'

/** The live dataset, what is kept of it and for how long, and pinned ones: their size, their graph, their title, their end. */
export function DatasetsPage() {
  const { report, error, retry } = useDatasets()
  return (
    <>
      <TopBar title="Datasets" />
      <main className="min-h-0 flex-1 space-y-6 overflow-y-auto p-4">
        {error && (
          <LoadProblem
            text={`The datasets could not be ${report ? 'asked again, and what follows is older' : 'loaded'}: ${error}`}
            onRetry={retry}
          />
        )}
        {!report && !error && <p className="text-(--text-muted)">Loading the datasets …</p>}
        {report && <DatasetTable report={report} />}
        {report && <HowToPin isFirst={report.pinned.length === 0} />}
      </main>
    </>
  )
}

function HowToPin({ isFirst }: { isFirst: boolean }) {
  return (
    <section aria-labelledby="pin" className="grid max-w-3xl grid-cols-1 gap-2">
      <h2 id="pin" className="text-[15px] font-semibold">
        {isFirst ? 'Nothing is pinned yet' : 'Pin an import'}
      </h2>
      <p className="text-(--text-muted)">
        A pinned dataset is a recording under a name of its own, beside the live data: it takes records of any age, no
        retention deletes them, and its links stay. An import makes one:
      </p>
      <CommandBlock text={PIN_COMMAND} />
      <p className="text-(--text-muted)">
        <Prose text="Any sender makes one, too, with `?dataset=NAME` behind the URL that it sends to." />
      </p>
    </section>
  )
}
