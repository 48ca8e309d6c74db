import { addTo, type Expected, type LoadSize, type Pick, type Records } from './crash-test-bodies'

const BUCKET_MS = 15_000
const HOUR_MS = 3600_000
/** Of so many records one is told by two bodies: only evidence is known again by its id. */
const TOLD_TWICE = 10
/** Few, so that more records meet in a bucket than are kept as exemplars, and several bodies add to one bucket. */
const BUCKETS_PER_HOUR = 4

/**
 * Openings of connections between workloads, refusals, and calls to the outside, as the client's node tells them. Refusals and
 * calls to the outside are evidence: told by two bodies they count once.
 */
export function hubbleRecords(pick: Pick, { hours, first, scale }: LoadSize, expected: Expected): Records {
  const records: string[] = []
  for (let index = first; index < first + 600 * scale; index += 1) {
    const atMs =
      (hours[pick(hours.length)] ?? 0) + pick(BUCKETS_PER_HOUR) * (HOUR_MS / BUCKETS_PER_HOUR) + pick(BUCKET_MS)
    const uuid = `00000000-0000-4000-a000-${String(index).padStart(12, '0')}`
    const kind = KINDS[pick(KINDS.length)] ?? 'allowed'
    const [client, server] = [pick(5), pick(4)]
    const line = lineOf(kind, uuid, atMs, client, server, 1024 + index)
    records.push(line)
    const target = kind === 'outside' ? `api-${server}.example.com:443` : `store-${server}:5432`
    const bucket = Math.floor(atMs / BUCKET_MS) * BUCKET_MS
    const outcome = kind === 'denied' ? 'denied' : 'allowed'
    addTo(expected.sums[15], `app-${client} ${target}|client|${outcome}|false|${bucket}`, { connections: 1 })
    expected.accepted.hubble += 1
    if (kind === 'allowed') expected.exemplars.add(uuid)
    else {
      expected.kept.add(`${uuid}|${atMs}`)
      if (pick(TOLD_TWICE) === 0) records.push(line)
    }
    if (kind === 'outside') {
      const egress = `app-${client} ${target}|${atMs}`
      expected.egress.set(egress, (expected.egress.get(egress) ?? 0) + 1)
    }
  }
  return {
    kind: 'hubble',
    path: '/api/ingest/hubble',
    type: 'application/x-ndjson',
    records,
    // A record that its body repeats is the same record: bodies may hold both tellings.
    join: (lines) => lines.join('\n'),
  }
}

type Kind = 'allowed' | 'denied' | 'outside'
const KINDS: readonly Kind[] = ['allowed', 'allowed', 'allowed', 'denied', 'outside']

function lineOf(kind: Kind, uuid: string, atMs: number, client: number, server: number, port: number): string {
  const isOutside = kind === 'outside'
  const destinationIp = isOutside ? `192.0.2.${10 + server}` : `10.9.1.${server}`
  return JSON.stringify({
    flow: {
      time: new Date(atMs).toISOString(),
      uuid,
      verdict: kind === 'denied' ? 'DROPPED' : 'FORWARDED',
      event_type: { type: 5 },
      traffic_direction: 'EGRESS',
      ...(kind === 'denied' ? { drop_reason_desc: 'POLICY_DENIED' } : { policy_match_type: 2 }),
      IP: { source: `10.9.0.${client}`, destination: destinationIp, ipVersion: 'IPv4' },
      l4: { TCP: { source_port: port, destination_port: isOutside ? 443 : 5432, flags: { SYN: true } } },
      source: workload(`app-${client}`, 100 + client),
      ...(isOutside
        ? {
            destination: { identity: 16_777_217, labels: [`cidr:${destinationIp}/32`, 'reserved:world'] },
            destination_names: [`api-${server}.example.com`],
          }
        : { destination: workload(`store-${server}`, 200 + server) }),
    },
  })
}

const workload = (name: string, identity: number) => ({
  ID: identity,
  identity,
  namespace: 'crash',
  labels: [`k8s:app=${name}`],
  pod_name: `${name}-7d9c8b6f5-x2v4q`,
  workloads: [{ name, kind: 'Deployment' }],
})
