import type { VariantRow } from '@/lib/model/graph-input'
import { type EdgeState, stateOfVerdict } from '@/lib/model/verdict'
import { unitsOf } from './volume'

/** What an edge's variants say together. Counts are connections at layer 4 and requests at layer 7, never mixed. */
export interface CombinedVerdict {
  readonly state: EdgeState
  readonly passed: number
  readonly denied: number
  readonly wouldBeDenied: number
  readonly dropped: number
}

interface Tally {
  passed: number
  denied: number
  deniedByRule: number
  hasPassed: boolean
  hasDenied: boolean
}

const newTally = (): Tally => ({ passed: 0, denied: 0, deniedByRule: 0, hasPassed: false, hasDenied: false })

/**
 * The state of an edge from all that its observers said in a window. Denied on either side is denied; *mixed* means that
 * different connections ended differently, which shows where one side both passed and denied, where the server's side saw
 * traffic that the client's side denies, or where layer 7 answered some requests and refused others. A client's "allowed"
 * beside a server's "denied" is one denied connection, not a mixture.
 */
export function combineVerdicts(variants: readonly VariantRow[]): CombinedVerdict {
  const client = newTally()
  const server = newTally()
  const nat = newTally()
  const layer7 = newTally()
  const states = new Set<EdgeState>()
  let wouldBeDenied = 0
  let dropped = 0
  for (const variant of variants) {
    states.add(stateOfVerdict(variant))
    const units = unitsOf(variant)
    if (variant.pending === 'would_deny' && variant.outcome !== 'denied') wouldBeDenied += Math.max(units, 1)
    if (variant.outcome === 'dropped') dropped += Math.max(units, variant.counters.events)
    addToTally(sideOf(variant, { client, server, nat, layer7 }), variant, units)
  }
  const anyDenied = client.hasDenied || server.hasDenied || layer7.hasDenied
  const denied = Math.max(client.denied, server.denied) + layer7.denied
  const passed = layer7.hasDenied
    ? layer7.passed
    : server.hasDenied
      ? server.passed
      : Math.max(client.passed, server.passed, nat.passed)
  return { state: stateOf(anyDenied, client, server, layer7, nat, states), passed, denied, wouldBeDenied, dropped }
}

/** A NAT between both ends sees what either may have reported: it is a side of its own, never added to one. */
function sideOf(variant: VariantRow, sides: Readonly<Record<'client' | 'server' | 'nat' | 'layer7', Tally>>): Tally {
  if (variant.layer === 'L7') return sides.layer7
  if (variant.source === 'nat') return sides.nat
  return variant.observer === 'server' ? sides.server : sides.client
}

function addToTally(tally: Tally, variant: VariantRow, units: number): void {
  if (variant.outcome === 'denied') {
    tally.hasDenied = true
    tally.denied += units
    if (variant.basis === 'rule') tally.deniedByRule += units
  } else if (variant.outcome === 'allowed' || variant.outcome === 'observed') {
    tally.hasPassed = true
    if (!variant.repeats) tally.passed += units
  }
}

function stateOf(
  anyDenied: boolean,
  client: Tally,
  server: Tally,
  layer7: Tally,
  nat: Tally,
  states: ReadonlySet<EdgeState>,
): EdgeState {
  if (anyDenied) {
    const isMixed =
      (client.hasDenied && (client.hasPassed || server.hasPassed || nat.hasPassed)) ||
      (server.hasDenied && server.hasPassed) ||
      (layer7.hasDenied && layer7.hasPassed)
    if (isMixed) return 'mixed'
    const byRule = client.deniedByRule + server.deniedByRule + layer7.deniedByRule
    return byRule > 0 || (states.has('denied_by_rule') && !states.has('denied_no_rule'))
      ? 'denied_by_rule'
      : 'denied_no_rule'
  }
  const order: readonly EdgeState[] = ['would_be_denied', 'allowed_by_policy', 'allowed_no_policy']
  return order.find((state) => states.has(state)) ?? 'no_verdict'
}
