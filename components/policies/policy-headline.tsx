import { counted, formatCount } from '@/lib/view/format'
import type { policyTotals } from '@/lib/view/policy-lines'

interface Props {
  readonly totals: ReturnType<typeof policyTotals>
  readonly windowWords: string
}

/** How many policies there are, how many refuse something, and how many were not hit; "not known" stands beside "never". */
export function PolicyHeadline({ totals, windowWords }: Props) {
  const { policies, hit, never, unknown, staged, wouldDeny, denying, denyingOther } = totals
  return (
    <p className="flex flex-wrap items-baseline gap-x-4">
      <span className="text-[20px] font-semibold">
        {formatCount(policies)} {policies === 1 ? 'policy' : 'policies'}
      </span>
      <span>
        <strong>{formatCount(hit)}</strong> hit
      </span>
      <span>
        <strong>{formatCount(denying)}</strong> refusing
        {denyingOther > 0 && `, and ${counted(denyingOther, 'default that refuses', 'defaults that refuse')}`}
      </span>
      <span>
        <strong>{formatCount(never)}</strong> never hit{unknown > 0 && `, ${formatCount(unknown)} not known`}
      </span>
      <span>
        <strong>{formatCount(staged)}</strong> staged, {formatCount(wouldDeny)} would deny
      </span>
      <span className="text-(--text-muted)">{windowWords}</span>
    </p>
  )
}
