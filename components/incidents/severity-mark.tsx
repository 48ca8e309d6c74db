import type { Severity } from '@/lib/model/finding'

/** How bad, in a word; only the worst has a mark in colour beside it. */
export function SeverityMark({ severity }: { severity: Severity }) {
  const isCritical = severity === 'critical'
  return (
    <span className="inline-flex items-center gap-1.5 whitespace-nowrap">
      {isCritical && (
        <span aria-hidden className="size-2 rounded-full" style={{ background: 'var(--state-violation)' }} />
      )}
      <span className={isCritical || severity === 'high' ? 'font-semibold' : ''}>{severity}</span>
    </span>
  )
}
