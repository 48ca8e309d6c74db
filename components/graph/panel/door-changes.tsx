import { Part } from '@/components/ui/part'
import type { DoorChange, PanelHistory } from '@/lib/model/panel-history'
import { DOOR_WORD, reasonWord } from '@/lib/view/door-sentence'
import { formatMoment } from '@/lib/view/format'

/** Judgements that became others, alike ones together, each with the connections that it is of. */
export function DoorChanges({ history, words }: { history: PanelHistory; words: string }) {
  const { doorChanges, doorChangesTotal } = history
  return (
    <Part title="Judgements that became others">
      {doorChanges.length === 0 ? (
        <p className="text-(--text-muted)">No connection of these {words} was judged otherwise than at first.</p>
      ) : (
        <>
          <p className="text-(--text-muted)">
            Newest {doorChanges.length} of {doorChangesTotal}, of the newest 2,000 judged connections. A judgement is
            never overwritten.
          </p>
          <ul className="mt-1 grid gap-1.5">
            {alike(doorChanges).map((changes) => (
              <Group key={`${changes[0].from} ${wordOf(changes[0])}`} changes={changes} />
            ))}
          </ul>
        </>
      )}
    </Part>
  )
}

type Group = readonly [DoorChange, ...DoorChange[]]

/** In the order of the newest of each. */
function alike(changes: readonly DoorChange[]): readonly Group[] {
  const groups = new Map<string, [DoorChange, ...DoorChange[]]>()
  for (const change of changes) {
    const key = JSON.stringify([change.from, change.to, change.reason, change.observedIp])
    const group = groups.get(key)
    if (group) group.push(change)
    else groups.set(key, [change])
  }
  return [...groups.values()]
}

function wordOf({ to, reason, observedIp }: DoorChange): string {
  const cause = to === 'unverified' && reason ? reasonWord(reason) : observedIp
  return `${DOOR_WORD[to]}${cause ? ` (${cause})` : ''}`
}

function Group({ changes }: { changes: Group }) {
  const [newest] = changes
  return (
    <li className="wrap-anywhere">
      <details>
        <summary className="cursor-pointer">
          {DOOR_WORD[newest.from]} → <strong>{wordOf(newest)}</strong>: {changes.length}{' '}
          {changes.length === 1 ? 'connection' : 'connections'}, last at {formatMoment(newest.atMs)}
        </summary>
        <ol className="mt-1 ml-4 text-[11px] text-(--text-muted)">
          {changes.map(({ atMs, connection, edgeId }) => (
            <li key={`${atMs} ${connection} ${edgeId}`}>
              {formatMoment(atMs)} <span className="font-mono">{connection}</span>
            </li>
          ))}
        </ol>
      </details>
    </li>
  )
}
