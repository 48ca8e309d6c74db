'use client'
import { Pencil, Trash2 } from 'lucide-react'
import Link from 'next/link'
import { type FormEvent, useState } from 'react'
import { AskDelete } from '@/components/ui/ask-delete'
import { Button } from '@/components/ui/button'
import { LIMITS } from '@/lib/model/limits'
import type { SavedView } from '@/lib/model/saved-view'
import { formatMoment } from '@/lib/view/format'
import type { useSavedViews } from './use-saved-views'

interface Props {
  readonly view: SavedView
  readonly saved: Pick<ReturnType<typeof useSavedViews>, 'rename' | 'remove'>
  onOpen(): void
}

/** One view of the team: opens it, renames it, and deletes it after asking. */
export function SavedViewRow({ view, saved: { rename, remove }, onOpen }: Props) {
  const [mode, setMode] = useState<'shown' | 'renaming' | 'deleting'>('shown')
  const done = { onSuccess: () => setMode('shown') }
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    rename.mutate({ id: view.id, name: String(new FormData(event.currentTarget).get('name') ?? '') }, done)
  }
  if (mode === 'renaming')
    return (
      <li>
        <form onSubmit={submit} className="flex flex-wrap gap-1 py-0.5">
          <input
            name="name"
            aria-label={`New name of ${view.name}`}
            // The pencil that was pressed is gone: the focus goes on where it was meant to.
            // biome-ignore lint/a11y/noAutofocus: see above
            autoFocus
            required
            maxLength={LIMITS.savedViewNameChars}
            defaultValue={view.name}
            className="h-6 min-w-0 flex-1 rounded-md border border-(--border) bg-(--bg) px-1.5"
          />
          <Button type="submit" size="small" disabled={rename.isPending}>
            Rename
          </Button>
          <Button size="small" onClick={() => setMode('shown')}>
            Cancel
          </Button>
          {rename.error && (
            <p role="alert" className="w-full">
              {rename.error.message}
            </p>
          )}
        </form>
      </li>
    )
  if (mode === 'deleting')
    return (
      <li className="flex flex-wrap items-center gap-1 py-0.5">
        <AskDelete
          question={`Delete “${view.name}” for everybody?`}
          isPending={remove.isPending}
          error={remove.error?.message}
          onDelete={() => remove.mutate(view.id)}
          onKeep={() => setMode('shown')}
        />
      </li>
    )
  return (
    <li className="flex items-center">
      <Link
        href={view.path}
        onClick={onOpen}
        title={`Saved by ${view.owner}, ${formatMoment(view.createdMs)}`}
        className="min-w-0 flex-1 rounded-sm px-1.5 py-1 break-words hover:bg-(--surface-2)"
      >
        {view.name}
      </Link>
      <Button size="icon" variant="ghost" aria-label={`Rename ${view.name}`} onClick={() => setMode('renaming')}>
        <Pencil aria-hidden size={13} />
      </Button>
      <Button size="icon" variant="ghost" aria-label={`Delete ${view.name}`} onClick={() => setMode('deleting')}>
        <Trash2 aria-hidden size={13} />
      </Button>
    </li>
  )
}
