import { addTo, type Expected, type Grain, type LoadSize, type Pick, type Records } from './crash-test-bodies'

const MINUTES_PER_HOUR = 60
/** Of so many keys one is told by the minute, as coarser exports are: it enters at the minutes and at no finer grain. */
const BY_THE_MINUTE = 5
const MOST_TELLINGS = 3

/**
 * Goldmane records: each key and bucket is told up to three times with counters that grow, and some keys are split by policy into
 * two records that carry the whole key's counters. Whatever order they come in, the fullest telling of the larger part counts.
 */
export function calicoRecords(pick: Pick, { hours, first, scale }: LoadSize, expected: Expected): Records {
  const records: string[] = []
  for (let index = first; index < first + 90 * scale; index += 1) {
    // A minute or a port of its own for each: one key and start is one family.
    const hour = (hours[index % hours.length] ?? 0) / 1000
    const turn = Math.floor(index / hours.length)
    const startS = hour + (turn % MINUTES_PER_HOUR) * 60
    const port = 8000 + Math.floor(turn / MINUTES_PER_HOUR)
    const grain = pick(BY_THE_MINUTE) === 0 ? 60 : 15
    const isOutside = pick(4) === 0
    const [client, server] = [pick(5), pick(4)]
    const key = `job-${client} ${isOutside ? 'internet' : `table-${server}`}:${port}`
    const parts = (pick(2) === 0 ? ['a', 'b'] : ['a']).map((policy, part) => {
      // Sizes never tie: the larger part is the one that counts.
      const largest = { connections: 3 + pick(20), bytesSent: 2 * (500 + pick(5000)) + part }
      for (let telling = 1 + pick(MOST_TELLINGS); telling > 0; telling -= 1)
        records.push(recordOf({ client, server, port, isOutside, policy, startS, grain, ...shrunk(largest, telling) }))
      return largest
    })
    expected.accepted.calico += parts.length
    const [counting, ...repeating] = [...parts].sort((a, b) => b.bytesSent - a.bytesSent)
    if (!counting) continue
    const bucket = startS * 1000
    const whole = (part: typeof counting) => ({ ...part, bytesReceived: part.bytesSent * 2 })
    addTo(expected.sums[grain], `${key}|client|allowed|false|${bucket}`, whole(counting))
    for (const part of repeating) addTo(expected.sums[grain], `${key}|client|allowed|true|${bucket}`, whole(part))
    const row = `${key}|${bucket}`
    expected.calicoRows.set(row, (expected.calicoRows.get(row) ?? 0) + parts.length)
    if (isOutside) expected.egress.set(row, (expected.egress.get(row) ?? 0) + counting.connections)
  }
  return {
    kind: 'calico',
    path: '/api/ingest/calico',
    type: 'application/x-ndjson',
    records,
    join: (lines) => lines.join('\n'),
  }
}

interface Telling {
  readonly connections: number
  readonly bytesSent: number
}

/** An earlier telling: `telling` 1 is the last one. */
const shrunk = (last: Telling, telling: number): Telling =>
  telling === 1
    ? last
    : {
        connections: Math.ceil(last.connections / telling),
        bytesSent: Math.floor(last.bytesSent / (2 * telling)),
      }

function recordOf(
  record: Telling & {
    readonly client: number
    readonly server: number
    readonly port: number
    readonly isOutside: boolean
    readonly policy: string
    readonly startS: number
    readonly grain: Grain
  },
): string {
  const { client, server, port, isOutside, policy, startS, grain, connections, bytesSent } = record
  return JSON.stringify({
    Key: {
      source_name: `job-${client}-7d9c8b6f5-*`,
      source_namespace: 'crash',
      source_type: 1,
      ...(isOutside
        ? { dest_name: 'pub', dest_namespace: '', dest_type: 4, dest_port: port }
        : { dest_name: `table-${server}-7d9c8b6f5-*`, dest_namespace: 'crash', dest_type: 1, dest_port: port }),
      proto: 'tcp',
      reporter: 1,
      action: 1,
      policies: { enforced_policies: [`0|default|np:crash/${policy}|allow|0`] },
    },
    start_time: startS,
    end_time: startS + grain,
    packets_in: connections * 9,
    packets_out: connections * 11,
    bytes_out: bytesSent,
    bytes_in: bytesSent * 2,
    num_connections_started: connections,
    num_connections_completed: connections,
  })
}
