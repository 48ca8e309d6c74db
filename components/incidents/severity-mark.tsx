import type { Severity } from '@/lib/model/finding'

/** How bad, in a word; only the worst has a colour. */
export function SeverityMark({ severity }: { severity: Severity }) {
  return (
    <strong
      className={severity === 'critical' || severity === 'high' ? 'font-semibold' : 'font-normal'}
      style={severity === 'critical' ? { color: 'var(--state-violation)' } : undefined}
    >
      {severity}
    </strong>
  )
}
