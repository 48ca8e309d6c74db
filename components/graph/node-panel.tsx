'use client'
import { useQuery } from '@tanstack/react-query'
import { FilterHere } from '@/components/filter/filter-here'
import { fetchJson } from '@/components/providers/fetch-json'
import { Chip } from '@/components/ui/chip'
import { LoadProblem } from '@/components/ui/load-problem'
import { termsOfNode } from '@/lib/filter/chips-of-node'
import type { NodeDetail } from '@/lib/model/node-detail'
import { shownText } from '@/lib/model/shown-text'
import { CLASS_WORD, roleWord } from '@/lib/view/class-words'
import { namingOf } from '@/lib/view/name-words'
import { FindingLinks } from './panel/finding-links'
import { NodeFacts } from './panel/node-facts'
import { NodeNaming } from './panel/node-naming'
import { NodeTabs } from './panel/node-tabs'
import type { PanelContext } from './panel/panel-context'

/** The node panel: what it is and how we know, and in tabs what is known of it. */
export function NodePanel({ nodeId, context }: { nodeId: string; context: PanelContext }) {
  const { graph, params } = context
  const { data, error, refetch } = useQuery({
    queryKey: ['node', nodeId, params, graph.revision],
    queryFn: () => fetchJson<NodeDetail>(`/api/nodes/${nodeId}?${params}`),
    placeholderData: (before) => (before?.node.id === nodeId ? before : undefined),
  })
  if (error) return <LoadProblem text={error.message} onRetry={() => void refetch()} />
  if (!data) return <p className="text-(--text-muted)">Loading the node …</p>
  const { node } = data
  const naming = namingOf(node, data.dnsNames)
  return (
    <>
      <div className="flex items-start gap-1">
        <h2 className="text-[15px] font-semibold wrap-anywhere">{node.label}</h2>
        {context.onFilter && <FilterHere terms={termsOfNode(node)} side="either" onFilter={context.onFilter} />}
      </div>
      <p className="mt-1 mb-3 flex flex-wrap gap-1.5">
        <Chip>{CLASS_WORD[node.class]}</Chip>
        {node.aiRole && <Chip>{roleWord(node.aiRole)}</Chip>}
        <Chip>cluster {shownText(node.cluster)}</Chip>
      </p>
      {naming && <NodeNaming naming={naming} label={node.label} />}
      <NodeFacts detail={data} />
      <FindingLinks findings={data.findings} />
      <NodeTabs key={nodeId} detail={data} context={context} />
    </>
  )
}
