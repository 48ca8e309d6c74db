'use client'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { fetchJson, jsonBody } from '@/components/providers/fetch-json'
import { Button } from '@/components/ui/button'
import type { IncidentSummary, ShareLink } from '@/lib/model/share'
import { formatMoment } from '@/lib/view/format'

/** Frozen incidents with their links: who can still open them, how often they were opened, and the way to end them. */
export function IncidentList({ incidents, total }: { incidents: readonly IncidentSummary[]; total: number }) {
  if (incidents.length === 0)
    return (
      <p className="text-(--text-muted)">
        No incident was frozen yet. A finding or an edge’s panel has the button for it.
      </p>
    )
  return (
    <>
      <ul className="grid gap-2">
        {incidents.map((incident) => (
          <li key={incident.id} className="rounded-md border border-(--border) bg-(--surface) p-3">
            <p className="text-[14px] break-words">{incident.title}</p>
            <p className="text-(--text-muted)">
              Frozen {formatMoment(incident.createdMs)} · sha256{' '}
              <span className="font-mono text-[11px]">{incident.sha256.slice(0, 16)}…</span>
            </p>
            <ul className="mt-1 grid gap-1">
              {incident.links.map((link) => (
                <LinkRow key={link.id} link={link} />
              ))}
            </ul>
          </li>
        ))}
      </ul>
      {total > incidents.length && <p className="mt-2">{total - incidents.length} older incidents are not shown.</p>}
    </>
  )
}

function LinkRow({ link }: { link: ShareLink }) {
  const client = useQueryClient()
  const revoke = useMutation({
    mutationFn: () => fetchJson<undefined>(`/api/share-links/${link.id}`, jsonBody({}, 'DELETE')),
    onSuccess: () => client.invalidateQueries({ queryKey: ['incidents'] }),
  })
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-1">
      <span>{stateOf(link)}</span>
      <span className="text-(--text-muted)">
        opened {link.views} {link.views === 1 ? 'time' : 'times'}
        {link.lastViewMs ? `, last ${formatMoment(link.lastViewMs)}` : ''}
      </span>
      {link.revokedMs === undefined && (
        <Button size="small" disabled={revoke.isPending} onClick={() => revoke.mutate()}>
          Revoke link
        </Button>
      )}
      {revoke.error && <span role="alert">{revoke.error.message}</span>}
    </li>
  )
}

function stateOf(link: ShareLink): string {
  if (link.revokedMs) return `Revoked ${formatMoment(link.revokedMs)}`
  return link.expiresMs ? `Link works until ${formatMoment(link.expiresMs)}` : 'Link works until it is revoked'
}
