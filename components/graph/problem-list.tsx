'use client'
import { type Problem, type ProblemKind, rankProblems } from '@/lib/graph/needs-person'
import type { ServiceGraph } from '@/lib/model/graph'
import { formatCount } from '@/lib/view/format'
import { DoorMark } from './door-mark'
import { ProblemFindings, useOpenFindings } from './problem-findings'
import { StateMark } from './state-mark'

interface Props {
  readonly graph: ServiceGraph
  readonly selected: string
  onSelect(selected: string): void
}

/** What needs a person, the gravest first: exactly the edges that are drawn while only problems are shown. */
export function ProblemList({ graph, selected, onSelect }: Props) {
  const problems = rankProblems(graph)
  const flagged = problems.flatMap(({ edge }) => (edge.openFindings > 0 ? [edge] : []))
  const findings = useOpenFindings(graph.dataset, flagged)
  const labels = new Map(graph.nodes.map((node) => [node.id, node.label]))
  return (
    <section
      aria-label="Problems"
      className="flex max-h-40 w-full flex-none flex-col overflow-y-auto border-b border-(--border) lg:max-h-none lg:w-72 lg:border-r lg:border-b-0"
    >
      <h2 className="px-3 pt-2 pb-1 font-semibold">
        {formatCount(problems.length)} {problems.length === 1 ? 'problem' : 'problems'}
      </h2>
      <ol className="grid">
        {problems.map((problem) => {
          const item = `edge:${problem.edge.id}`
          const isOn = selected === item
          return (
            <li key={problem.edge.id} className="border-t border-(--border)">
              <button
                type="button"
                data-problem={problem.edge.id}
                aria-pressed={isOn}
                className={`grid w-full gap-0.5 px-3 py-1.5 text-left text-[12px] ${isOn ? 'bg-(--surface-2)' : 'hover:bg-(--surface-2)'}`}
                onClick={() => onSelect(isOn ? '' : item)}
              >
                <span className="wrap-anywhere">
                  {labels.get(problem.edge.client)} → {labels.get(problem.edge.server)}
                </span>
                <Marks problem={problem} />
              </button>
              <ProblemFindings
                edge={problem.edge}
                dataset={graph.dataset}
                findings={findings?.get(problem.edge.id)}
                onAll={() => onSelect(item)}
              />
            </li>
          )
        })}
      </ol>
    </section>
  )
}

function Marks({ problem: { edge, kinds } }: { readonly problem: Problem }) {
  const has = (kind: ProblemKind) => kinds.includes(kind)
  const violations = edge.door?.counts.violation ?? 0
  const counts = edge.state === 'mixed' ? `${formatCount(edge.passed)} / ${formatCount(edge.denied)}` : undefined
  return (
    <span className="flex flex-wrap items-center gap-x-2 gap-y-0.5">
      {has('violation') && (
        <span className="inline-flex gap-1">
          <DoorMark state="violation" /> {formatCount(violations)}
        </span>
      )}
      {(has('denied') || has('mixed') || edge.state === 'would_be_denied') && (
        <StateMark state={edge.state} counts={counts ?? formatCount(Math.max(edge.denied, edge.wouldBeDenied))} />
      )}
      {has('would_be_denied') && edge.state !== 'would_be_denied' && (
        <span className="text-(--text-muted)">{formatCount(edge.wouldBeDenied)} would be denied</span>
      )}
      {has('dropped') && <span className="text-(--text-muted)">{formatCount(edge.dropped)} dropped</span>}
      {edge.bundle && edge.bundle.edges > 1 && (
        <span className="text-(--text-muted)">{formatCount(edge.bundle.edges)} edges</span>
      )}
    </span>
  )
}
