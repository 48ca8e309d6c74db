'use client'
import Link from 'next/link'
import { Chip } from '@/components/ui/chip'
import { datasetTitle } from '@/lib/view/dataset-words'
import { useDatasetName } from './use-datasets'

/** Which pinned dataset a page shows, by its title; nothing for the live one. */
export function DatasetChip({ name }: { name: string }) {
  const { dataset, isMissing } = useDatasetName(name)
  if (name === '') return null
  const title = dataset ? datasetTitle(dataset) : name
  return (
    <span className="flex min-w-0 items-center gap-1" title={title === name ? undefined : `${title} (dataset ${name})`}>
      <Chip>
        dataset <bdi className="inline-block max-w-72 overflow-hidden align-bottom text-ellipsis">{title}</bdi>
      </Chip>
      {dataset?.deletingMs !== undefined && <Chip>being deleted</Chip>}
      {isMissing && (
        <>
          <span>does not exist.</span>
          <Link href="/datasets" className="text-(--accent) underline">
            Datasets
          </Link>
        </>
      )}
    </span>
  )
}
