import type { Expected, LoadSize, Pick, Records } from './crash-test-bodies'

const HOUR_S = 3600
const SERVER = '192.0.2.80'

/** conntrack's lines of translations; the end of a connection completes the row of its beginning, whichever comes first. */
export function natRecords(pick: Pick, { hours, first, scale }: LoadSize, expected: Expected): Records {
  const records: string[] = []
  for (let index = first; index < first + 150 * scale; index += 1) {
    const atS = (hours[pick(hours.length)] ?? 0) / 1000 + pick(HOUR_S - 60)
    const ip = `10.8.${Math.floor(index / 200)}.${index % 200}`
    const port = 2000 + index
    const hasEnded = pick(2) === 0
    records.push(lineOf('NEW', atS, ip, port, index))
    if (hasEnded) records.push(lineOf('DESTROY', atS + 30, ip, port, index))
    expected.nat.set(`${ip}:${port}|${atS * 1000}`, hasEnded)
  }
  return {
    kind: 'nat',
    path: '/api/ingest/nat/conntrack?hop=gw',
    type: 'text/plain',
    records,
    join: (lines) => lines.join('\n'),
  }
}

function lineOf(event: 'NEW' | 'DESTROY', atS: number, ip: string, port: number, id: number): string {
  const tuple = `src=${ip} dst=${SERVER} sport=${port} dport=443`
  const reply = `src=${SERVER} dst=198.51.100.9 sport=443 dport=${1024 + id}`
  return event === 'NEW'
    ? `[${atS}.000000]\t    [NEW] ipv4     2 tcp      6 120 SYN_SENT ${tuple} [UNREPLIED] ${reply} id=${id + 1}`
    : `[${atS}.000000]\t[DESTROY] ipv4     2 tcp      6 ${tuple} ${reply} [ASSURED] id=${id + 1}`
}
