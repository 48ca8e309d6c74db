'use client'
import { useMutation } from '@tanstack/react-query'
import { Share2 } from 'lucide-react'
import { usePathname } from 'next/navigation'
import { useId, useState } from 'react'
import { useShortcuts } from '@/components/palette/use-shortcuts'
import { fetchJson, jsonBody } from '@/components/providers/fetch-json'
import { Button } from '@/components/ui/button'
import { CopyButton } from '@/components/ui/copy-button'
import { Popover, PopoverContent, PopoverTrigger } from '@/components/ui/popover'
import type { GraphView } from '@/lib/view/graph-view'
import { hasMovingTimes, type LinkTimes, LONG_LINK_CHARS, linkPath } from '@/lib/view/share-link'

const TIMES: readonly { readonly value: LinkTimes; readonly label: string; readonly means: string }[] = [
  { value: 'moving', label: 'As it moves', means: 'whoever opens it sees the newest traffic' },
  { value: 'exact', label: 'This exact window', means: 'the same stretch of time, for as long as it is kept' },
]

/** A link to what is shown, long or short, moving or fixed in time. Key: s. */
export function ShareMenu({ view }: { view: GraphView }) {
  const [openedMs, setOpenedMs] = useState<number>()
  useShortcuts({ share: () => setOpenedMs(Date.now()) })
  return (
    <Popover open={openedMs !== undefined} onOpenChange={(isOpen) => setOpenedMs(isOpen ? Date.now() : undefined)}>
      <PopoverTrigger asChild>
        <Button aria-keyshortcuts="s" title="Key: s">
          <Share2 aria-hidden size={14} />
          Share
        </Button>
      </PopoverTrigger>
      <PopoverContent className="w-[min(420px,calc(100vw-16px))]" aria-label="Share this view">
        {openedMs !== undefined && <ShareForm view={view} nowMs={openedMs} />}
      </PopoverContent>
    </Popover>
  )
}

/** `nowMs`: the exact window is the one that was on screen when the menu was opened. */
function ShareForm({ view, nowMs }: { view: GraphView; nowMs: number }) {
  const group = useId()
  const pathname = usePathname()
  const [times, setTimes] = useState<LinkTimes>('moving')
  const path = linkPath(pathname, view, times, nowMs)
  const shorten = useMutation({
    mutationFn: async (long: string) => ({
      long,
      ...(await fetchJson<{ path: string }>('/api/short-links', jsonBody({ path: long }))),
    }),
  })
  const short = shorten.data?.long === path ? shorten.data.path : undefined
  const link = `${window.location.origin}${short ?? path}`
  const isLong = link.length > LONG_LINK_CHARS
  return (
    <div className="grid gap-3">
      <h2 className="font-semibold">Share this view</h2>
      {hasMovingTimes(view) && (
        <fieldset className="grid gap-1">
          <legend className="sr-only">Time of the link</legend>
          {TIMES.map(({ value, label, means }) => (
            <label key={value} className="flex items-baseline gap-2">
              <input type="radio" name={group} checked={times === value} onChange={() => setTimes(value)} />
              <span>
                {label}
                <span className="text-(--text-muted)">: {means}</span>
              </span>
            </label>
          ))}
        </fieldset>
      )}
      <label className="grid gap-1">
        Link
        <textarea
          readOnly
          rows={short || !isLong ? 1 : 3}
          value={link}
          onFocus={(event) => event.currentTarget.select()}
          className="resize-none rounded-md border border-(--border) bg-(--bg) px-2 py-1 font-mono text-[12px] break-all"
        />
      </label>
      <div className="flex flex-wrap items-center gap-2">
        <CopyButton text={link} label="Copy link" />
        {!short && (
          <Button size="small" disabled={shorten.isPending} onClick={() => shorten.mutate(path)}>
            Make it short
          </Button>
        )}
        {isLong && !short && (
          <span className="text-[12px] text-(--text-muted)">{link.length} characters: chats may cut it.</span>
        )}
      </div>
      {shorten.error && <p role="alert">{shorten.error.message}</p>}
      <p className="text-[12px] text-(--text-muted)">
        It opens this view for everybody who may sign in here. To show an incident to others, freeze it from its panel.
      </p>
    </div>
  )
}
