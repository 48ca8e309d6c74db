import type { SideIsolation } from '@/lib/model/edge-detail'
import { type PolicyRef, shownPolicyName } from '@/lib/model/policy'

const SIDE: Readonly<Record<SideIsolation['side'], string>> = { client: 'The client', server: 'The server' }

/** Which policies isolate a side that was denied without a rule: what is computed is said to be computed. */
export function isolationSentence({ side, direction, isolating, undecided }: SideIsolation): string {
  const sure =
    isolating.length > 0
      ? `${SIDE[side]} is isolated for ${direction} by ${names(isolating)}: none of ${isolating.length === 1 ? 'its' : 'their'} rules allows this.`
      : `No policy is known to isolate the ${side} for ${direction}.`
  const open = undecided.length > 0 ? ` Not known of ${names(undecided)}.` : ''
  return `${sure}${open}`
}

const names = (policies: readonly PolicyRef[]): string =>
  policies.map((policy) => `${shownPolicyName(policy)} (${policy.kind})`).join(', ')
