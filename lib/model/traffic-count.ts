/** Traffic of one outcome, by what sources count of it. */
export interface TrafficCount {
  readonly connections: number
  /** Of layer 7. */
  readonly requests: number
  /** Records that count neither: packets of connections that began before, or whose beginning no source tells. */
  readonly events: number
}

/** What became of traffic in a stretch of time. */
export interface TrafficCounts {
  readonly passed: TrafficCount
  readonly denied: TrafficCount
  /** Dropped for other causes, failed, or not told. */
  readonly other: TrafficCount
}

export const NO_TRAFFIC: TrafficCount = { connections: 0, requests: 0, events: 0 }

/** How much that is, whatever its units: the height of a bar. */
export const trafficTotal = ({ connections, requests, events }: TrafficCount): number => connections + requests + events

/** Both together, unit by unit. */
export const addTraffic = (a: TrafficCount, b: TrafficCount): TrafficCount => ({
  connections: a.connections + b.connections,
  requests: a.requests + b.requests,
  events: a.events + b.events,
})

/** Both together, outcome by outcome. */
export const addTrafficCounts = (a: TrafficCounts, b: TrafficCounts): TrafficCounts => ({
  passed: addTraffic(a.passed, b.passed),
  denied: addTraffic(a.denied, b.denied),
  other: addTraffic(a.other, b.other),
})
