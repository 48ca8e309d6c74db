import { describe, expect, it } from 'vitest'
import type { FlowEnd, FlowListRow } from '@/lib/model/flow-list'
import { csvFlow, csvHead, EXPORT_FIELDS, ndjsonEnd, ndjsonFlow } from './flow-export'

const end = (change: Partial<FlowEnd> = {}): FlowEnd => ({
  nodeId: '1',
  label: 'web / app',
  class: 'workload',
  namespace: 'web',
  name: 'app',
  ...change,
})

const row = (change: Partial<FlowListRow> = {}): FlowListRow => ({
  id: '11111111-1111-4111-8111-000000000001',
  startNs: '1764000000000000000',
  recordKey: '-5',
  edgeId: '-9223372036854775808',
  startMs: 1_764_000_000_000,
  endMs: 1_764_000_000_000,
  receivedMs: 1_764_000_001_000,
  cluster: 'c',
  source: 'hubble',
  observer: 'client',
  outcome: 'denied',
  basis: 'default',
  pending: 'same',
  layer: 'L4',
  client: end(),
  server: end({ port: 443 }),
  protocol: 'tcp',
  counts: { connections: 1, events: 0, requests: 0, requestErrors: 0, bytesSent: 0, bytesReceived: 0 },
  ...change,
})

/** RFC 4180, read by the letter. */
function readCsv(text: string): string[][] {
  const rows: string[][] = [[]]
  let [at, cell] = [0, '']
  while (at < text.length) {
    const char = text[at]
    if (char === '"') {
      at += 1
      while (text[at] !== '"' || text[at + 1] === '"') {
        cell += text[at]
        at += text[at] === '"' ? 2 : 1
      }
    } else if (char === ',' || char === '\r') {
      rows.at(-1)?.push(cell)
      cell = ''
      if (char === '\r') {
        rows.push([])
        at += 1
      }
    } else cell += char
    at += 1
  }
  return rows.slice(0, -1)
}

const cellsOf = (one: FlowListRow): Record<string, string> =>
  Object.fromEntries(readCsv(csvFlow(one, 'demo'))[0]?.map((cell, at) => [EXPORT_FIELDS[at] ?? '', cell]) ?? [])

describe('an exported record', () => {
  it('has a cell per field, whatever the names in it hold', () => {
    for (const name of [
      'a,b',
      'a"b',
      'a\r\nb',
      '=HYPERLINK("http://x")',
      '+1',
      '@SUM(1)',
      '\t=1',
      '__proto__',
      '名前',
    ]) {
      const own = row({ client: end({ name, pod: name }), dropReason: name })
      const [cells, ...more] = readCsv(csvFlow(own, 'demo'))
      expect(more).toEqual([])
      expect(cells).toHaveLength(EXPORT_FIELDS.length)
      const { client_name: read = '', client_pod: pod } = cellsOf(own)
      expect(read.replace(/^'/, '')).toBe(name)
      expect(pod).toBe(read)
      expect(read).not.toMatch(/^[=+\-@\t\r\n]/)
    }
  })

  it('has ids and numbers as they are, also below zero, and the names of the fields above', () => {
    expect(readCsv(csvHead())).toEqual([EXPORT_FIELDS])
    expect(cellsOf(row())).toMatchObject({
      edge_id: '-9223372036854775808',
      dataset: 'demo',
      start: '2025-11-24T16:00:00.000Z',
      connections: '1',
      server_port: '443',
      l7_status: '',
    })
  })

  it('is a line of JSON with types, without what the record lacks, and with what the source sent', () => {
    const line = ndjsonFlow(row(), '', { verdict: 'DROPPED', text: 'a\nb' })
    expect(line.trimEnd()).not.toContain('\n')
    const read: unknown = JSON.parse(line)
    expect(read).toMatchObject({ connections: 1, client_name: 'app', raw: { verdict: 'DROPPED', text: 'a\nb' } })
    expect(read).not.toHaveProperty('l7_status')
  })

  it('ends a whole file of JSON lines with how many there were', () => {
    expect(JSON.parse(ndjsonEnd(3, { fromMs: 0, toMs: 1000 }))).toEqual({
      postern_export: { complete: true, count: 3, from: '1970-01-01T00:00:00.000Z', to: '1970-01-01T00:00:01.000Z' },
    })
  })
})
