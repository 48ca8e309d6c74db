'use client'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useId, useState } from 'react'
import { fetchJson, jsonBody } from '@/components/providers/fetch-json'
import { Button } from '@/components/ui/button'
import { Popover, PopoverContent, PopoverTrigger } from '@/components/ui/popover'
import type { DatasetName, PinnedDataset } from '@/lib/model/dataset'
import { LIMITS } from '@/lib/model/limits'
import { datasetTitle } from '@/lib/view/dataset-words'
import { formatBytes } from '@/lib/view/format'
import { DATASETS_KEY } from './use-datasets'

const FIELD = 'h-7 rounded-md border border-(--border) bg-(--bg) px-2'

/** Another title, or the end. */
export function DatasetActions({ dataset }: { dataset: PinnedDataset }) {
  return (
    <span className="flex gap-2">
      <Rename dataset={dataset} />
      <Delete dataset={dataset} />
    </span>
  )
}

function useChange(name: string, request: (text: string) => Promise<unknown>, onDone: () => void) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: request,
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: DATASETS_KEY })
      await client.invalidateQueries({ queryKey: ['dataset', name] })
      onDone()
    },
  })
}

const pathOf = (name: string): string => `/api/datasets/${encodeURIComponent(name)}`

function Rename({ dataset: { name, title } }: { dataset: DatasetName }) {
  const [isOpen, setIsOpen] = useState(false)
  const id = useId()
  const rename = useChange(
    name,
    (text) => fetchJson<DatasetName>(pathOf(name), jsonBody({ title: text }, 'PATCH')),
    () => setIsOpen(false),
  )
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    rename.mutate(String(new FormData(event.currentTarget).get('title') ?? ''))
  }
  return (
    <Popover open={isOpen} onOpenChange={setIsOpen}>
      <PopoverTrigger asChild>
        <Button size="small" aria-label={`Rename ${title ?? name}`}>
          Rename
        </Button>
      </PopoverTrigger>
      <PopoverContent className="w-80" aria-label="Rename the dataset">
        <form onSubmit={submit} className="grid gap-2">
          <label htmlFor={id}>Title</label>
          <input
            id={id}
            name="title"
            defaultValue={title ?? ''}
            placeholder={name}
            maxLength={LIMITS.datasetTitleChars}
            className={FIELD}
          />
          <p className="text-(--text-muted)">
            Links keep the name <code>{name}</code>. Without a title it is called by its name.
          </p>
          {rename.error && <p role="alert">{rename.error.message}</p>}
          <Button type="submit" variant="primary" disabled={rename.isPending}>
            Save the title
          </Button>
        </form>
      </PopoverContent>
    </Popover>
  )
}

function Delete({ dataset }: { dataset: PinnedDataset }) {
  const { name, title, bytes } = dataset
  const [isOpen, setIsOpen] = useState(false)
  const [typed, setTyped] = useState('')
  const id = useId()
  const remove = useChange(
    name,
    () => fetchJson<unknown>(pathOf(name), jsonBody({}, 'DELETE')),
    () => setIsOpen(false),
  )
  const open = (next: boolean) => {
    setTyped('')
    setIsOpen(next)
  }
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    if (typed === name) remove.mutate('')
  }
  return (
    <Popover open={isOpen} onOpenChange={open}>
      <PopoverTrigger asChild>
        <Button size="small" aria-label={`Delete ${title ?? name}`}>
          Delete
        </Button>
      </PopoverTrigger>
      <PopoverContent className="w-96" aria-label="Delete the dataset">
        <form onSubmit={submit} className="grid gap-2">
          <p>
            All records of <bdi className="font-medium">{datasetTitle(dataset)}</bdi> will be lost, about{' '}
            {formatBytes(bytes)}: flows, evidence, spans, NAT and DNS records, judgements and findings. Links to its
            graph will open an empty one.
          </p>
          <p className="text-(--text-muted)">
            Incidents that were made of it are frozen and stay, and so do their share links. Nothing brings the records
            back but another import.
          </p>
          <label htmlFor={id}>
            To delete it, type its name: <code>{name}</code>
          </label>
          <input
            id={id}
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
            autoComplete="off"
            spellCheck={false}
            className={FIELD}
          />
          {remove.error && <p role="alert">{remove.error.message}</p>}
          <Button type="submit" variant="primary" disabled={typed !== name || remove.isPending}>
            Delete for good
          </Button>
        </form>
      </PopoverContent>
    </Popover>
  )
}
