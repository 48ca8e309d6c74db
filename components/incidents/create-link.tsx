'use client'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link2 } from 'lucide-react'
import { useState } from 'react'
import { fetchJson, jsonBody } from '@/components/providers/fetch-json'
import { Button } from '@/components/ui/button'
import { CopyButton } from '@/components/ui/copy-button'
import { Popover, PopoverContent, PopoverTrigger } from '@/components/ui/popover'

const LIVES = [
  ['24', '1 day'],
  ['168', '7 days'],
  ['720', '30 days'],
  ['', 'until it is revoked'],
] as const

type Subject = { readonly edgeId: string; readonly view: string } | { readonly findingId: string }

/** Freezes the evidence of an edge or a finding and shows the link, once: only a hash of it is kept. */
export function CreateLink(subject: Subject) {
  const [life, setLife] = useState('168')
  const client = useQueryClient()
  const create = useMutation({
    mutationFn: () =>
      fetchJson<{ url: string }>(
        '/api/incidents',
        jsonBody({ ...subject, ...(life && { expiresInHours: Number(life) }) }),
      ),
    onSuccess: () => client.invalidateQueries({ queryKey: ['incidents'] }),
  })
  return (
    <Popover onOpenChange={(isOpen) => isOpen || create.reset()}>
      <PopoverTrigger asChild>
        <Button size={'edgeId' in subject ? 'small' : 'normal'}>
          <Link2 aria-hidden size={14} /> Create incident link
        </Button>
      </PopoverTrigger>
      <PopoverContent className="grid w-80 gap-2" aria-label="Incident link">
        <p>
          Freezes what is known now. Whoever has the link can read it without signing in, until it expires or is
          revoked.
        </p>
        <label className="flex items-center justify-between gap-2">
          Works for
          <select
            className="rounded-md border border-(--border) bg-(--bg) px-2 py-1"
            value={life}
            onChange={(event) => setLife(event.target.value)}
          >
            {LIVES.map(([hours, words]) => (
              <option key={hours} value={hours}>
                {words}
              </option>
            ))}
          </select>
        </label>
        {create.data ? (
          <div role="status" className="grid gap-2">
            <p>Copy it now: it is not shown again.</p>
            <input
              readOnly
              aria-label="Incident link"
              className="rounded-md border border-(--border) bg-(--bg) px-2 py-1 font-mono text-[11px]"
              value={create.data.url}
              onFocus={(event) => event.target.select()}
            />
            <CopyButton text={create.data.url} label="Copy link" />
          </div>
        ) : (
          <Button variant="primary" disabled={create.isPending} onClick={() => create.mutate()}>
            Freeze and create
          </Button>
        )}
        {create.error && <p role="alert">{create.error.message}</p>}
      </PopoverContent>
    </Popover>
  )
}
