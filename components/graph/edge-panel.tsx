'use client'
import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { CreateLink } from '@/components/incidents/create-link'
import { fetchJson } from '@/components/providers/fetch-json'
import { CopyButton } from '@/components/ui/copy-button'
import type { EdgeDetail } from '@/lib/model/edge-detail'
import type { GraphEdge, ServiceGraph } from '@/lib/model/graph'
import { evidenceText } from '@/lib/view/evidence-text'
import { EdgeEvidence } from './edge-evidence'
import { PanelProblem } from './panel-problem'
import { StateMark } from './state-mark'

interface Props {
  readonly graph: ServiceGraph
  readonly edgeId: string
  readonly params: string
  readonly windowWords: string
  onSelect(selected: string): void
}

/** The edge panel: who talks to whom, what decided it, by which door, and the records behind that. */
export function EdgePanel({ graph, edgeId, params, windowWords, onSelect }: Props) {
  const drawn = graph.edges.find((edge) => edge.id === edgeId)
  const { data, error, refetch } = useQuery({
    queryKey: ['edge', edgeId, params, fingerprint(drawn)],
    queryFn: () => fetchJson<EdgeDetail>(`/api/edges/${edgeId}?${params}`),
    placeholderData: (before) => (before?.edge.id === edgeId ? before : undefined),
  })
  if (error) return <PanelProblem text={error.message} onRetry={() => void refetch()} />
  if (!data) return <p className="text-(--text-muted)">Loading the evidence …</p>
  const { edge, clientNode, serverNode } = data
  return (
    <>
      <h2 className="mb-2 text-[15px] font-semibold break-words">
        <NodeLink label={clientNode.label} onOpen={() => onSelect(`node:${clientNode.id}`)} /> →{' '}
        <NodeLink label={serverNode.label} onOpen={() => onSelect(`node:${serverNode.id}`)} />
      </h2>
      <p className="mb-3 flex flex-wrap items-center gap-2">
        <StateMark state={edge.state} {...(edge.state === 'mixed' && { counts: `${edge.passed} / ${edge.denied}` })} />
        <span className="text-(--text-muted)">
          port {edge.serverPort || '–'}/{edge.protocol}, {windowWords}
        </span>
      </p>
      <div className="mb-4 flex flex-wrap gap-2">
        <CreateLink edgeId={edgeId} view={params} />
        <CopyButton text={evidenceText(data, windowWords)} label="Copy as text" />
      </div>
      {data.findings.length > 0 && (
        <section className="mb-4">
          <h2 className="mb-1 font-semibold">Findings</h2>
          <ul className="grid gap-1">
            {data.findings.map((finding) => (
              <li key={finding.id} className="break-words">
                <strong>{finding.status}</strong>:{' '}
                <Link className="hover:underline" href={`/findings/${finding.id}`}>
                  {finding.title}
                </Link>
              </li>
            ))}
          </ul>
        </section>
      )}
      <EdgeEvidence detail={data} windowWords={windowWords} isLive />
    </>
  )
}

/** What of the drawn edge, when it changes, makes the evidence worth loading again. */
const fingerprint = (edge: GraphEdge | undefined): string =>
  edge ? `${edge.state} ${edge.passed} ${edge.denied} ${JSON.stringify(edge.door?.counts)} ${edge.openFindings}` : ''

function NodeLink({ label, onOpen }: { label: string; onOpen: () => void }) {
  return (
    <button type="button" className="text-left hover:underline" onClick={onOpen}>
      {label}
    </button>
  )
}
