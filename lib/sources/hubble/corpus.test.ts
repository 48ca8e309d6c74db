import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { JsonRecordSplitter } from '@/lib/sources/framing/json-records'
import { createHubbleDecoder } from './decode'

const corpus = path.resolve(import.meta.dirname, '../../../../shared/corpus/hubble')

/** What becomes of a file: how many records were which verdict, what was no traffic, why something was refused. */
function tallyOf(file: string): Record<string, number> {
  const splitter = new JsonRecordSplitter({ maxRecordBytes: 1 << 20, maxDepth: 64 })
  const decoder = createHubbleDecoder()
  const tally: Record<string, number> = {}
  const add = (key: string, by = 1) => {
    tally[key] = (tally[key] ?? 0) + by
  }
  for (const framed of [...splitter.push(readFileSync(path.join(corpus, file))), ...splitter.end()]) {
    if ('reject' in framed) add(`refused: ${framed.reject.reason}`)
    else decoder.push(framed.value, framed.line)
  }
  const { flows, gaps, ignored, rejects } = decoder.finish()
  expect(JSON.stringify(flows)).not.toMatch(/authorization|cookie/i)
  for (const flow of flows) add(`${flow.verdict.outcome} ${flow.verdict.basis} ${flow.verdict.layer}`)
  for (const gap of gaps) add(`gap: ${gap.reason}`)
  for (const [reason, count] of Object.entries(ignored)) add(`ignored: ${reason}`, count)
  for (const reject of rejects) add(`refused: ${reject.reason}`)
  return tally
}

/** Read by eye against the provenance table; fragments are jq projections, not flow lines. */
const EXPECTED: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  'cilium-1.20/demo26-flow-pos-to-world.ndjson': {
    'observed not_reported L4': 1,
  },
  'cilium-1.20/demo26-flow-stranger-to-shop.export-fieldmask.ndjson': {
    'denied default L4': 1,
  },
  'cilium-1.20/demo26-flow-stranger-to-shop.loki.ndjson': {
    'denied default L4': 1,
  },
  'cilium-1.20/demo29-flows-cache-from-poc2.ndjson': {
    'allowed not_reported L4': 3,
  },
  'cilium-1.20/demo30-flows-http-intent.first7.ndjson': {
    'allowed not_reported L7': 7,
  },
  'cilium-1.20/demo32-flows-frontend.first8.ndjson': {
    'allowed rule L4': 4,
    'denied default L4': 4,
  },
  'cilium-docs/export-rst-sample.ndjson': {
    'dropped not_reported L4': 1,
    'denied default L4': 1,
  },
  'hubble-otel/basic-sample-10-flows.ndjson': {
    'observed not_reported L4': 10,
  },
  'hubble-otel/basic-sample-330-dns-flows.ndjson': {
    'allowed not_reported L7': 330,
  },
  'hubble-otel/basic-sample-348-http-flows.ndjson': {
    'allowed not_reported L7': 348,
  },
  'hubble-otel/basic-sample-400-icmpv4-flows.ndjson': {
    'observed not_reported L4': 18,
  },
  'hubble-otel/basic-sample-400-l7-redirected-flows.ndjson': {
    'allowed not_reported L4': 400,
  },
  'hubble-otel/basic-sample-400-tcp-flows.ndjson': {
    'observed not_reported L4': 308,
    'allowed not_reported L7': 65,
    'allowed not_reported L4': 27,
  },
  'hubble-otel/basic-sample-400-udp-flows.ndjson': {
    'allowed not_reported L4': 30,
    'observed not_reported L4': 222,
    'allowed not_reported L7': 148,
  },
  'hubble-otel/basic-sample-5-dns-flows.ndjson': {
    'allowed not_reported L7': 5,
  },
  'hubble-otel/basic-sample-5-http-flows.ndjson': {
    'allowed not_reported L7': 5,
  },
  'misc/eks-cilium-1.19.2-events.ndjson': {
    'observed not_reported L4': 1,
  },
  'misc/lost-events.ndjson': {
    'gap: HUBBLE_RING_BUFFER': 1,
  },
  'misc/source_xlated-fragments.ndjson': {
    'refused: missing_time': 1,
    'refused: no_flow': 2,
  },
}

describe.skipIf(!existsSync(corpus))('recorded lines', () => {
  it.each(Object.entries(EXPECTED))('%s', (file, tally) => {
    expect(tallyOf(file)).toEqual(tally)
  })

  it('has an expectation for every file', () => {
    const files = readdirSync(corpus, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('json'))
    expect(files.sort()).toEqual(Object.keys(EXPECTED).sort())
  })
})
