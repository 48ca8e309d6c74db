import type { EdgeVariant } from '@/lib/model/graph'

/**
 * What a source states of traffic that passed one side. ruled: a rule let it through · unruled: it states that none did (no policy
 * selected the endpoint, or a tier's default) · untold: it passed and nobody says why. An empty list of Hubble is untold, never
 * unruled.
 */
export interface SideStatement {
  readonly isRuled: boolean
  readonly isUnruled: boolean
  readonly isUntold: boolean
  readonly isDenied: boolean
}

/** The statements of one side's variants; traces and NAT records speak of no policy and are not looked at. */
export function statementOf(variants: readonly EdgeVariant[], side: 'client' | 'server'): SideStatement {
  let [isRuled, isUnruled, isUntold, isDenied] = [false, false, false, false]
  for (const { source, observer, outcome, basis } of variants) {
    if (observer !== side || source === 'otlp' || source === 'nat') continue
    if (outcome === 'denied') isDenied = true
    else if (outcome === 'observed') isUntold = true
    else if (outcome === 'allowed') {
      if (basis === 'rule' || basis === 'implicit') isRuled = true
      else if (basis === 'no_policy' || basis === 'default') isUnruled = true
      else isUntold = true
    }
  }
  return { isRuled, isUnruled, isUntold, isDenied }
}
