import { DoorMark } from '@/components/graph/door-mark'
import type { EntryIssue } from '@/lib/model/egress-entry'
import type { EgressPreview, PreviewEdge, PreviewTarget } from '@/lib/model/egress-preview'
import { DOOR_WORD } from '@/lib/view/door-sentence'
import { formatCount } from '@/lib/view/format'

/** What a change would do: the sentence, what to look out for, and every edge whose door would change. */
export function PreviewResult({ preview, issues }: { preview: EgressPreview; issues: readonly EntryIssue[] }) {
  return (
    <section aria-labelledby="preview" className="grid gap-3">
      <h3 id="preview" className="font-semibold">
        {preview.sentence}
      </h3>
      {issues.length > 0 && (
        <ul className="grid gap-1">
          {issues.map((issue) => (
            <li key={`${issue.path} ${issue.message}`}>
              <strong className="font-medium">Look out:</strong> {issue.message}
            </li>
          ))}
        </ul>
      )}
      {preview.edges.length > 0 && <EdgeTable edges={preview.edges} />}
      {preview.changed > preview.edges.length && (
        <p>{preview.changed - preview.edges.length} more edges would change; the gravest are listed.</p>
      )}
      {preview.newlyDenied.length > 0 && (
        <div>
          <p>Reach a provider that would be denied:</p>
          <ul className="list-inside list-disc">
            {preview.newlyDenied.map((target) => (
              <li key={target.edgeId}>
                {workloadOf(target)} → {serverOf(target)}
              </li>
            ))}
          </ul>
        </div>
      )}
      <p className="text-(--text-muted)">
        {counted(preview.lookedAt.connections, 'connection')} of {counted(preview.lookedAt.edges, 'edge')} were judged
        by what is in force and by this; {counted(preview.unchanged, 'edge')} would stay as they are.
      </p>
    </section>
  )
}

const counted = (count: number, noun: string): string => `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`
const workloadOf = ({ namespace, workload }: PreviewTarget): string => `${namespace} / ${workload}`
const serverOf = ({ provider, server }: PreviewTarget): string => (provider ? `${provider} · ${server}` : server)

function EdgeTable({ edges }: { edges: readonly PreviewEdge[] }) {
  const isOfMany = new Set(edges.map(({ cluster }) => cluster)).size > 1
  return (
    // Wide rows scroll; a scrolling region must be reachable by keyboard.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
    <div className="overflow-x-auto rounded-md border border-(--border)" tabIndex={0}>
      <table className="w-full border-collapse text-[12px]">
        <caption className="sr-only">Edges whose door would change</caption>
        <thead className="text-left text-(--text-muted)">
          <tr className="border-b border-(--border)">
            {[...(isOfMany ? ['Cluster'] : []), 'Workload', 'Provider', 'Now', 'Then', 'Connections'].map((title) => (
              <th key={title} scope="col" className="px-2 py-1.5 font-medium">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {edges.map((edge) => (
            <tr key={edge.edgeId} className="border-b border-(--border) align-top last:border-b-0">
              {isOfMany && <td className="px-2 py-1.5">{edge.cluster}</td>}
              <th scope="row" className="px-2 py-1.5 text-left font-normal">
                {workloadOf(edge)}
              </th>
              <td className="px-2 py-1.5">{serverOf(edge)}</td>
              <td className="px-2 py-1.5">
                <DoorMark state={edge.before.state} />
              </td>
              <td className="px-2 py-1.5">
                <DoorMark state={edge.after.state} />
              </td>
              <td className="px-2 py-1.5">
                {edge.moves.map((move) => (
                  <div key={`${move.from} ${move.to}`}>
                    {formatCount(move.connections)}: {DOOR_WORD[move.from]} → {DOOR_WORD[move.to]}
                  </div>
                ))}
                {edge.moves.length === 0 && 'the reason alone'}
                {edge.left > 0 && (
                  <div className="text-(--text-muted)">{formatCount(edge.left)} older ones not looked at</div>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
