import type { ServiceGraph } from '@/lib/model/graph'
import { formatShare } from '@/lib/view/format'

/** The three headline numbers: violations never stand alone. */
export function Headline({ graph }: { graph: ServiceGraph }) {
  const { violations, verifiedShare, unnamedShare } = graph.headline
  return (
    <p>
      <strong>{violations}</strong> {violations === 1 ? 'violation' : 'violations'} ·{' '}
      <strong>{formatShare(verifiedShare)}</strong> verified · <strong>{formatShare(unnamedShare)}</strong> unnamed
      <span className="ml-2 text-(--text-muted)">
        {graph.coverage.some((source) => source.source === 'nat')
          ? ''
          : 'No NAT evidence is connected: nothing can be verified.'}
      </span>
    </p>
  )
}
