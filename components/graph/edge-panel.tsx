'use client'
import { useQuery } from '@tanstack/react-query'
import { CreateLink } from '@/components/incidents/create-link'
import { fetchJson } from '@/components/providers/fetch-json'
import { CopyButton } from '@/components/ui/copy-button'
import { LoadProblem } from '@/components/ui/load-problem'
import type { EdgeDetail } from '@/lib/model/edge-detail'
import type { GraphEdge } from '@/lib/model/graph'
import { aiSentence } from '@/lib/view/ai-sentence'
import { doorSentences } from '@/lib/view/door-sentence'
import { evidenceText } from '@/lib/view/evidence-text'
import { edgeSentences } from '@/lib/view/verdict-sentence'
import { DoorMark } from './door-mark'
import { EdgeTabs } from './panel/edge-tabs'
import { FindingLinks } from './panel/finding-links'
import type { PanelContext } from './panel/panel-context'
import { StateMark } from './state-mark'

/** The edge panel: who talks to whom, the verdict and its reason in a sentence, and in tabs what is known of it. */
export function EdgePanel({ edgeId, context }: { edgeId: string; context: PanelContext }) {
  const { graph, params, windowWords, onSelect } = context
  const drawn = graph.edges.find((edge) => edge.id === edgeId)
  const { data, error, refetch } = useQuery({
    queryKey: ['edge', edgeId, params, fingerprint(drawn)],
    queryFn: () => fetchJson<EdgeDetail>(`/api/edges/${edgeId}?${params}`),
    placeholderData: (before) => (before?.edge.id === edgeId ? before : undefined),
  })
  if (error) return <LoadProblem text={error.message} onRetry={() => void refetch()} />
  if (!data) return <p className="text-(--text-muted)">Loading the evidence …</p>
  const { edge, clientNode, serverNode } = data
  return (
    <>
      <h2 className="mb-2 text-[15px] font-semibold wrap-anywhere">
        <NodeLink label={clientNode.label} onOpen={() => onSelect(`node:${clientNode.id}`)} /> →{' '}
        <NodeLink label={serverNode.label} onOpen={() => onSelect(`node:${serverNode.id}`)} />
      </h2>
      <p className="mb-2 flex flex-wrap items-center gap-2">
        <StateMark state={edge.state} {...(edge.state === 'mixed' && { counts: `${edge.passed} / ${edge.denied}` })} />
        {edge.door && <DoorMark state={edge.door.state} />}
        <span className="text-(--text-muted)">
          port {edge.serverPort || '–'}/{edge.protocol}, {windowWords}
        </span>
      </p>
      <ul aria-label="In words" className="mb-3 grid gap-1">
        {headSentences(data).map((sentence) => (
          <li key={sentence} className="wrap-anywhere">
            {sentence}
          </li>
        ))}
      </ul>
      <div className="mb-3 flex flex-wrap gap-2">
        <CreateLink edgeId={edgeId} view={params} />
        <CopyButton text={evidenceText(data, windowWords)} label="Copy as text" />
      </div>
      <FindingLinks findings={data.findings} />
      <EdgeTabs key={edgeId} detail={data} context={context} />
    </>
  )
}

/** Verdicts, then the door in its first sentence, then what traces say. */
const headSentences = (detail: EdgeDetail): readonly string[] => [
  ...edgeSentences(detail),
  ...(detail.edge.door ? doorSentences(detail.edge.door).slice(0, 1) : []),
  ...(detail.edge.ai ? [aiSentence(detail.edge.ai)] : []),
]

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
