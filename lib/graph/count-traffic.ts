import type { VariantRow } from '@/lib/model/graph-input'
import { NO_TRAFFIC, type TrafficCount, type TrafficCounts } from '@/lib/model/traffic-count'
import type { Outcome } from '@/lib/model/verdict'
import { combineVerdicts } from './combine-verdicts'

/**
 * What of an edge's sums in a stretch of time is said, so that nothing is said twice and no traffic is said to be none: connections; what
 * layer 7 refused is said in requests, for its connections passed; requests where no connection is counted; events where neither is. Sums
 * of several edges of which all count alike may be given as one. Rule: formats/hubble.md §2.7, a connection is counted once, when it begins.
 */
export function countTraffic(sums: TrafficCounts): TrafficCounts {
  const all = [sums.passed, sums.denied, sums.other]
  const has = (unit: keyof TrafficCount) => all.some((count) => count[unit] > 0)
  if (sums.denied.requests > 0)
    return {
      passed: { ...NO_TRAFFIC, requests: sums.passed.requests },
      denied: { ...sums.denied, events: 0 },
      other: { ...sums.other, events: 0 },
    }
  const unit = has('connections') ? 'connections' : has('requests') ? 'requests' : 'events'
  const only = (count: TrafficCount): TrafficCount => ({ ...NO_TRAFFIC, [unit]: count[unit] })
  return { passed: only(sums.passed), denied: only(sums.denied), other: only(sums.other) }
}

/** Which of the three a record of an outcome is counted with. */
export const TRAFFIC_OF: Readonly<Record<Outcome, keyof TrafficCounts>> = {
  allowed: 'passed',
  observed: 'passed',
  denied: 'denied',
  dropped: 'other',
  error: 'other',
  unknown: 'other',
}

/** What the variants of one edge say of a stretch: connections by the rules of an edge's state, all else the larger of the observers. */
export function trafficOf(variants: readonly VariantRow[]): TrafficCounts {
  const layer7 = variants.filter(({ layer }) => layer === 'L7')
  const { passed, denied } = combineVerdicts(
    layer7.length === 0 ? variants : variants.filter(({ layer }) => layer !== 'L7'),
  )
  const of = (what: keyof TrafficCounts, connections: number): TrafficCount => ({
    connections,
    requests: largest(layer7, what, 'requests'),
    events: largest(variants, what, 'events'),
  })
  return countTraffic({
    passed: of('passed', passed),
    denied: of('denied', denied),
    other: of('other', largest(variants, 'other', 'connections')),
  })
}

/** Both ends report one record: summed within an observer, the larger of the observers counts. */
function largest(variants: readonly VariantRow[], what: keyof TrafficCounts, unit: keyof TrafficCount): number {
  const sides = new Map<string, number>()
  let most = 0
  for (const { outcome, repeats, source, observer, counters } of variants) {
    if (repeats || TRAFFIC_OF[outcome] !== what || counters[unit] === 0) continue
    const side = `${source}/${observer}`
    const sum = (sides.get(side) ?? 0) + counters[unit]
    sides.set(side, sum)
    most = Math.max(most, sum)
  }
  return most
}
