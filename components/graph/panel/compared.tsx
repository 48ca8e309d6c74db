import Link from 'next/link'
import type { ReactNode } from 'react'
import { shownPolicyName } from '@/lib/model/policy'
import { EDGE_STATE_WORD, type EdgeState } from '@/lib/model/verdict'
import type { ComparedPeer, EdgeComparison, NodeComparison } from '@/lib/model/window-comparison'
import { COUNTER_WORD, changeText, counterText } from '@/lib/view/compared-words'
import { DOOR_WORD } from '@/lib/view/door-sentence'
import { StateMark } from '../state-mark'

/** Pages that have the records of both windows. */
export interface RowsOfBoth {
  readonly before: string
  readonly now: string
}

/** How an edge differs from another window. */
export function EdgeChanges({ comparison, rows }: { comparison: EdgeComparison; rows: RowsOfBoth }) {
  const { presence, state, door } = comparison
  if (presence === 'absent') return <p>It was seen in neither window.</p>
  const lines: readonly (string | undefined)[] = [
    presence === 'added' ? 'New: it was not seen then.' : undefined,
    presence === 'removed' ? 'Gone: it was seen then, and not in this window.' : undefined,
    state && `Verdict: ${EDGE_STATE_WORD[state.before]} → ${EDGE_STATE_WORD[state.now]}`,
    door && `Door: ${doorWord(door.before)} → ${doorWord(door.now)}`,
    listOf('Decided now, not then', comparison.policiesAdded.map(shownPolicyName)),
    listOf('Decided then, not now', comparison.policiesRemoved.map(shownPolicyName)),
    listOf('New models', comparison.modelsAdded),
    listOf('Models no longer called', comparison.modelsRemoved),
  ]
  const told = lines.filter((line) => line !== undefined)
  return (
    <>
      {told.length === 0 && <p>Verdict, door, policies and models are the same.</p>}
      <ul>
        {told.map((line) => (
          <li key={line} className="wrap-anywhere">
            {line}
          </li>
        ))}
      </ul>
      <Counters counters={comparison.counters} rows={rows} />
    </>
  )
}

/** How a node differs from another window: sums, and peers that came, went, or are judged otherwise by policies. */
export function NodeChanges({
  comparison,
  rows,
  onSelect,
}: {
  comparison: NodeComparison
  rows: RowsOfBoth
  onSelect: (selected: string) => void
}) {
  const { added, removed, verdicts } = comparison
  return (
    <>
      {added.total + removed.total + verdicts.total === 0 && <p>The same peers with the same verdicts.</p>}
      <Peers title="New" {...added} onSelect={onSelect} />
      <Peers title="Gone" {...removed} onSelect={onSelect} />
      <Peers
        title="Other verdict"
        {...verdicts}
        onSelect={onSelect}
        before={new Map(verdicts.peers.map(({ edgeId, before }) => [edgeId, before]))}
      />
      <Counters counters={comparison.counters} rows={rows} />
    </>
  )
}

const doorWord = (door: keyof typeof DOOR_WORD | 'none'): string => (door === 'none' ? 'not judged' : DOOR_WORD[door])
const listOf = (title: string, names: readonly string[]): string | undefined =>
  names.length > 0 ? `${title}: ${names.join(', ')}` : undefined

function Counters({ counters, rows }: Pick<EdgeComparison, 'counters'> & { readonly rows: RowsOfBoth }) {
  if (counters.length === 0) return null
  return (
    <table className="mt-1 w-full text-[12px]">
      <thead className="text-left text-(--text-muted)">
        <tr>
          {['', 'Then', 'Now', 'Change'].map((title, index) => (
            <th key={title} scope="col" className={`font-normal ${index > 0 ? 'text-right' : ''}`}>
              {title || <span className="sr-only">Figure</span>}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {counters.map((counter) => (
          <tr key={counter.name} className="border-t border-(--border)">
            <th scope="row" className="text-left font-normal">
              {COUNTER_WORD[counter.name]}
            </th>
            <td className="text-right">
              <Link className="text-(--accent) underline" href={rows.before}>
                {counterText(counter.name, counter.before)}
              </Link>
            </td>
            <td className="text-right">
              <Link className="text-(--accent) underline" href={rows.now}>
                {counterText(counter.name, counter.now)}
              </Link>
            </td>
            <td className={`text-right ${counter.before === counter.now ? 'text-(--text-muted)' : 'font-medium'}`}>
              {changeText(counter)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

interface PeersProps {
  readonly title: string
  readonly peers: readonly ComparedPeer[]
  readonly total: number
  readonly before?: ReadonlyMap<string, EdgeState>
  onSelect(selected: string): void
}

function Peers({ title, peers, total, before, onSelect }: PeersProps): ReactNode {
  if (total === 0) return null
  return (
    <div className="mt-1">
      <h3 className="text-(--text-muted)">
        {title} ({total})
      </h3>
      <ul>
        {peers.map((peer) => {
          const was = before?.get(peer.edgeId)
          return (
            <li key={peer.edgeId}>
              <button
                type="button"
                className="flex w-full flex-wrap gap-x-2 text-left hover:bg-(--surface-2)"
                onClick={() => onSelect(`edge:${peer.edgeId}`)}
              >
                <span className="wrap-anywhere">
                  {peer.end === 'server' ? '→' : '←'} {peer.label}
                </span>
                {was && <span className="text-(--text-muted)">{EDGE_STATE_WORD[was]} →</span>}
                <StateMark state={peer.state} />
              </button>
            </li>
          )
        })}
      </ul>
      {total > peers.length && <p className="text-(--text-muted)">{total - peers.length} more.</p>}
    </div>
  )
}
