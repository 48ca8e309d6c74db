'use client'
import { ChevronDown } from 'lucide-react'
import Link from 'next/link'
import { usePathname } from 'next/navigation'
import { type FormEvent, useState } from 'react'
import { Button } from '@/components/ui/button'
import { Popover, PopoverContent, PopoverTrigger } from '@/components/ui/popover'
import { LIMITS } from '@/lib/model/limits'
import { BUILT_IN_VIEWS, builtInPath } from '@/lib/view/built-in-views'
import type { GraphView } from '@/lib/view/graph-view'
import { linkPath } from '@/lib/view/share-link'
import { SavedViewRow } from './saved-view-row'
import { useSavedViews } from './use-saved-views'

const ENTRY = 'rounded-sm px-1.5 py-1 hover:bg-(--surface-2)'

/** Views by name: those that are always there, those of the team, and a form that saves what is shown. */
export function ViewsMenu({ view }: { view: GraphView }) {
  const [isOpen, setIsOpen] = useState(false)
  const pathname = usePathname()
  const saved = useSavedViews(isOpen)
  const close = () => setIsOpen(false)
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = event.currentTarget
    const name = String(new FormData(form).get('name') ?? '')
    saved.save.mutate({ name, path: linkPath(pathname, view, 'moving', Date.now()) }, { onSuccess: () => form.reset() })
  }
  return (
    <Popover open={isOpen} onOpenChange={setIsOpen}>
      <PopoverTrigger asChild>
        <Button>
          Views
          <ChevronDown aria-hidden size={14} />
        </Button>
      </PopoverTrigger>
      <PopoverContent
        aria-label="Views"
        className="grid max-h-[70vh] w-[min(340px,calc(100vw-16px))] gap-3 overflow-y-auto"
      >
        <ul aria-label="Built-in views" className="grid">
          {BUILT_IN_VIEWS.map(({ name, part }) => (
            <li key={name} className="grid">
              <Link href={builtInPath(part, view)} className={ENTRY} onClick={close}>
                {name}
              </Link>
            </li>
          ))}
        </ul>
        <section aria-labelledby="team-views" className="grid gap-1 border-t border-(--border) pt-3">
          <h2 id="team-views" className="font-semibold">
            Saved by the team
          </h2>
          {saved.error && <p role="alert">{saved.error}</p>}
          {saved.views?.length === 0 && <p className="text-(--text-muted)">None yet.</p>}
          {saved.views && saved.views.length > 0 && (
            <ul aria-label="Saved views" className="grid">
              {saved.views.map((one) => (
                <SavedViewRow key={one.id} view={one} saved={saved} onOpen={close} />
              ))}
            </ul>
          )}
        </section>
        <form onSubmit={submit} className="grid gap-1 border-t border-(--border) pt-3">
          <label htmlFor="view-name" className="font-semibold">
            Save what is shown
          </label>
          <div className="flex gap-2">
            <input
              id="view-name"
              name="name"
              required
              maxLength={LIMITS.savedViewNameChars}
              placeholder="Name"
              className="h-7 min-w-0 flex-1 rounded-md border border-(--border) bg-(--bg) px-2"
            />
            <Button type="submit" variant="primary" disabled={saved.save.isPending}>
              Save
            </Button>
          </div>
          {saved.save.error && <p role="alert">{saved.save.error.message}</p>}
          <p className="text-[12px] text-(--text-muted)">
            With its filters and its window; a window that ends now goes on moving.
          </p>
        </form>
      </PopoverContent>
    </Popover>
  )
}
