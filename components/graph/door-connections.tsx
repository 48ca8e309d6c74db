import type { ConnectionRow } from '@/lib/model/edge-detail'
import { DOOR_WORD, namedByQuestion } from '@/lib/view/door-sentence'
import { formatClock, formatCount } from '@/lib/view/format'
import { DoorMark } from './door-mark'

/** How many connections rows stand for: an aggregated record is one row. */
export const connectionsOf = (rows: readonly ConnectionRow[]): number =>
  rows.reduce((sum, { weight }) => sum + (weight ?? 1), 0)

interface Props {
  readonly connections: readonly ConnectionRow[]
  /** Connections, not rows. */
  readonly total: number
  /** All of them were judged alike. */
  readonly isOneState?: boolean
}

/** Judged connections, each with the raw rows behind its judgement and what was thought of it before. */
export function DoorConnections({ connections, total, isOneState = false }: Props) {
  if (connections.length === 0) return null
  return (
    <>
      <h3 className="mt-2 font-medium text-(--text-muted)">
        Connections, {formatCount(connectionsOf(connections))} of {formatCount(total)},{' '}
        {isOneState ? 'newest first' : 'violations first, then newest'}
      </h3>
      <ul className="mt-1 grid gap-1.5">
        {connections.map((connection) => (
          <Connection key={connection.id} connection={connection} />
        ))}
      </ul>
    </>
  )
}

function Connection({ connection }: { connection: ConnectionRow }) {
  const { judgement, evidence, history, weight } = connection
  return (
    <li className="rounded-md border border-(--border) p-2">
      <DoorMark state={judgement.state} />
      <p className="wrap-anywhere text-(--text-muted)">
        {formatClock(connection.firstMs)} · {connection.clientIp ?? 'address not told'}:{connection.clientPort ?? '–'} →{' '}
        {connection.serverIp ?? 'address not told'}:{connection.serverPort}
        {judgement.observedIp ? ` · left by ${judgement.observedIp}` : ''}
        {(weight ?? 1) > 1 ? ` · ${formatCount(weight ?? 1)} connections in one record` : ''}
      </p>
      {judgement.named?.way === 'dns-question' && (
        <p className="wrap-anywhere text-(--text-muted)">{namedByQuestion(judgement.named.hosts)}</p>
      )}
      {history.length > 1 && (
        <p className="text-(--text-muted)">
          Judged before:{' '}
          {history
            .slice(0, -1)
            .map(({ atMs, judgement: old }) => `${DOOR_WORD[old.state]} at ${formatClock(atMs)}`)
            .join('; ')}
        </p>
      )}
      {evidence.length > 0 && (
        <details>
          <summary className="cursor-pointer text-(--text-muted)">
            {evidence.length === 1 ? '1 raw row' : `${evidence.length} raw rows`}
          </summary>
          <pre className="mt-1 rounded-md border border-(--border) bg-(--surface-2) p-2 text-[11px] break-all whitespace-pre-wrap">
            {evidence.map((row) => `${row.hop ?? row.kind}: ${row.raw}`).join('\n')}
          </pre>
        </details>
      )}
    </li>
  )
}
