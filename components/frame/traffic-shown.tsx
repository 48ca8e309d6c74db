import { Segmented } from '@/components/ui/segmented'
import type { GraphView } from '@/lib/view/graph-view'

interface Props {
  readonly view: Pick<GraphView, 'scope'>
  change(part: Pick<GraphView, 'scope'>): void
}

/** AI traffic alone, or all of it: the same choice on every page that shows traffic of a view. */
export function TrafficShown({ view, change }: Props) {
  return (
    <Segmented
      label="Traffic shown"
      value={view.scope}
      options={[
        { value: 'ai', label: 'AI traffic', title: 'AI workloads, AI providers, and what talks to them' },
        { value: 'all', label: 'All traffic' },
      ]}
      onChoose={(scope) => change({ scope })}
    />
  )
}
