import type { Naming } from '@/lib/view/name-words'
import { WouldVerify } from '../door-evidence'

const CONFIDENCE = { certain: 'Certain', possible: 'Possible', none: 'Not known' } as const

/** How a name outside the cluster is known, how surely, and what would make it known. */
export function NodeNaming({ naming, label }: { naming: Naming; label: string }) {
  const { unresolved, source, confidence, resolve } = naming
  return (
    <section className="mb-3 rounded-md border border-(--border) p-2">
      <h2 className="font-semibold">
        {unresolved && unresolved !== label ? `Name: ${unresolved}` : 'How the name is known'}
      </h2>
      <p className="wrap-anywhere">
        {CONFIDENCE[confidence]}: {source}.
      </p>
      {resolve.length > 0 && (
        <details open={confidence === 'none'}>
          <summary className="cursor-pointer text-(--text-muted)">How to resolve it</summary>
          <WouldVerify steps={resolve} />
        </details>
      )}
    </section>
  )
}
