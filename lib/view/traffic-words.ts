import { addTraffic, NO_TRAFFIC, type TrafficCount, type TrafficCounts } from '@/lib/model/traffic-count'

/** What traffic is counted in. */
export type TrafficUnit = keyof TrafficCount

const UNITS: readonly TrafficUnit[] = ['connections', 'requests', 'events']
const WORD: Readonly<Record<TrafficUnit, readonly [one: string, many: string]>> = {
  connections: ['connection', 'connections'],
  requests: ['request', 'requests'],
  events: ['flow event', 'flow events'],
}

/** The units that traffic over time is counted in, the most telling first: connections where there is none at all. */
export function trafficUnits(counts: readonly TrafficCounts[]): readonly [TrafficUnit, ...TrafficUnit[]] {
  const total = counts.reduce<TrafficCount>(
    (sum, { passed, denied, other }) => [passed, denied, other].reduce(addTraffic, sum),
    NO_TRAFFIC,
  )
  const [first = 'connections', ...others] = UNITS.filter((unit) => total[unit] > 0)
  return [first, ...others]
}

/** `Connections per 15 s (flow events where no connection is counted)`: what the numbers of a chart are. */
export function unitsPer(units: readonly TrafficUnit[], step: string): string {
  const counted = units.filter((unit) => unit !== 'events')
  if (counted.length === 0) return `Flow events per ${step}, for no connection is counted`
  const words = counted.map((unit) => WORD[unit][1]).join(' and ')
  const none = counted.length > 1 ? 'neither' : `no ${WORD[counted[0] ?? 'connections'][0]}`
  return `${words.charAt(0).toUpperCase()}${words.slice(1)} per ${step}${units.includes('events') ? ` (flow events where ${none} is counted)` : ''}`
}

/** `1,240 connections and 3 flow events`; of nothing `0 connections`, in the unit `zero`. Numbers as `format` writes them. */
export function trafficWords(count: TrafficCount, zero: TrafficUnit, format: (count: number) => string): string {
  const told = UNITS.filter((unit) => count[unit] > 0)
  return (told.length > 0 ? told : [zero])
    .map((unit) => `${format(count[unit])} ${WORD[unit][count[unit] === 1 ? 0 : 1]}`)
    .join(' and ')
}
