'use client'
import { useQuery } from '@tanstack/react-query'
import type { ConnectionRow } from '@/lib/model/edge-detail'
import type { DoorState, DoorSummary } from '@/lib/model/egress'
import { DOOR_WORD, doorSentences } from '@/lib/view/door-sentence'

const GLYPH: Readonly<Partial<Record<DoorState, string>>> = { violation: '⛨', sanctioned: '⛊', unverified: '?' }

/** The door in words; only a violation has a colour, and sanctioned is never green. */
export function DoorMark({ state }: { state: DoorState }) {
  const isViolation = state === 'violation'
  return (
    <span className={`inline-flex items-center gap-1.5 whitespace-nowrap ${isViolation ? 'font-semibold' : ''}`}>
      <span
        aria-hidden
        className="w-3 text-center"
        style={isViolation ? { color: 'var(--state-violation)' } : undefined}
      >
        {GLYPH[state] ?? '·'}
      </span>
      {DOOR_WORD[state]}
    </span>
  )
}

interface Answer {
  readonly connections: readonly ConnectionRow[]
  readonly total: number
}

/** How we know by which door an edge's connections left: sentences first, then connections with the raw rows behind them. */
export function DoorEvidence({ edgeId, door, params }: { edgeId: string; door: DoorSummary; params: string }) {
  const { data, error } = useQuery({
    queryKey: ['door', edgeId, params, JSON.stringify(door.counts)],
    queryFn: () => fetchDoor(edgeId, params),
  })
  return (
    <section className="mt-3">
      <h2 className="mb-1 font-semibold">By which door it left</h2>
      {doorSentences(door).map((sentence) => (
        <p key={sentence}>{sentence}</p>
      ))}
      {error && <p role="alert">The evidence could not be loaded.</p>}
      {data && data.connections.length > 0 && (
        <>
          <h3 className="mt-2 text-(--text-muted)">
            Connections, newest {data.connections.length} of {data.total}, violations first
          </h3>
          <ul className="mt-1 grid gap-1.5">
            {data.connections.map((connection) => (
              <Connection key={connection.id} connection={connection} />
            ))}
          </ul>
        </>
      )}
    </section>
  )
}

function Connection({ connection }: { connection: ConnectionRow }) {
  const { judgement } = connection
  return (
    <li>
      <DoorMark state={judgement.state} />{' '}
      <span className="text-(--text-muted)">
        {new Date(connection.firstMs).toISOString().slice(11, 23)} · {connection.clientIp ?? 'address not told'}:
        {connection.clientPort ?? '–'} → {connection.serverIp ?? 'address not told'}:{connection.serverPort}
        {judgement.observedIp ? ` · left by ${judgement.observedIp}` : ''}
      </span>
      {connection.evidence.length > 0 && (
        <details>
          <summary className="cursor-pointer text-(--text-muted)">{connection.evidence.length} raw rows</summary>
          <pre className="mt-1 overflow-x-auto rounded-md border border-(--border) bg-(--surface) p-2 text-[11px]">
            {connection.evidence.map((row) => `${row.hop ?? row.kind}: ${row.raw}`).join('\n')}
          </pre>
        </details>
      )}
    </li>
  )
}

async function fetchDoor(edgeId: string, params: string): Promise<Answer> {
  const response = await fetch(`/api/edges/${edgeId}/door?${params}`)
  if (!response.ok) throw new Error(`The server answered ${response.status}.`)
  return parse(await response.text())
}

/** Our own server's answer: its type is what the handler returns. */
const parse = (text: string): Answer => JSON.parse(text) as Answer
