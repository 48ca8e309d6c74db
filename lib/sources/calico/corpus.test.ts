import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { JsonRecordSplitter } from '@/lib/sources/framing/json-records'
import { createCalicoDecoder } from './decode'
import { recogniseText } from './dialect'

const corpus = path.resolve(import.meta.dirname, '../../../../shared/corpus/calico')

/** What becomes of every record of a file: its server, or why it was refused. */
function outcomesOf(name: string): string[] {
  const splitter = new JsonRecordSplitter({ maxRecordBytes: 1 << 20, maxDepth: 64 })
  const decoder = createCalicoDecoder()
  const outcomes: string[] = []
  for (const framed of [...splitter.push(readFileSync(path.join(corpus, name))), ...splitter.end()]) {
    if ('reject' in framed) outcomes.push(framed.reject.reason)
    else decoder.push(framed.value, framed.line)
  }
  const { flows, rejects } = decoder.finish()
  return [
    ...outcomes,
    ...flows.map((flow) => `${flow.client.name} → ${flow.server.name} ${flow.verdict.outcome} ${flow.verdict.basis}`),
    ...rejects.map((reject) => `${reject.reason}: ${reject.detail}`),
  ]
}

/** Files of JSON; the rest are text or wire bytes, which no JSON framing reads. */
const EXPECTED: Readonly<Record<string, readonly string[]>> = {
  'goldmane_recorded_sample-flow.expected.json': ['client → target allowed no_policy'],
  'goldmane_recorded_sample-flow.expected-compact.json': ['client → target allowed no_policy'],
  'ce_flows_recorded_observability-clinic.jsonl': Array(2).fill(
    'unsupported_dialect: a Calico Enterprise or Cloud flow log',
  ),
  'ce_policies_sample_training.json': ['no_flow: no Goldmane flow: neither `Key`, nor `flow.Key`, nor `flows`'],
  // Not valid JSON as the vendor published it: a comma too many.
  'docs_ce_flowlog_example_datatypes.json5': ['not_json'],
  'docs_ce_flowlog_example_hostforward_1.json': ['unsupported_dialect: a Calico Enterprise or Cloud flow log'],
  'docs_ce_flowlog_example_hostforward_2.json': ['unsupported_dialect: a Calico Enterprise or Cloud flow log'],
}

describe.skipIf(!existsSync(corpus))('recorded and documented records', () => {
  it.each(Object.keys(EXPECTED))('%s', (name) => {
    expect(outcomesOf(name)).toEqual(EXPECTED[name])
  })

  it('has an expectation for every JSON file', () => {
    const files = readdirSync(corpus).filter((name) => /\.json[l5]?$/.test(name))
    expect(files.sort()).toEqual(Object.keys(EXPECTED).sort())
  })

  it.each([
    ['docs_ce_flowlog_space_delimited_legacy.txt', 'space-delimited'],
    ['calico-node_flows_recorded_pr10144.txt', 'calico-node -flows'],
  ])('names the dialect of %s, and accepts nothing of it', (name, dialect) => {
    const [line = ''] = readFileSync(path.join(corpus, name), 'utf8').split('\n')
    expect(recogniseText(line)).toContain(dialect)
    expect(new Set(outcomesOf(name))).toEqual(new Set(['not_json']))
  })
})

describe.skipIf(!existsSync(corpus))('the recorded flow', () => {
  it('is oriented and counted as its author’s envelope says', () => {
    const decoder = createCalicoDecoder()
    decoder.push(JSON.parse(readFileSync(path.join(corpus, 'goldmane_recorded_sample-flow.expected.json'), 'utf8')), 1)
    expect(decoder.finish().flows).toMatchObject([
      {
        observer: 'client',
        protocol: 'tcp',
        serverPort: 80,
        service: { namespace: 'spike-traffic', name: 'target' },
        startMs: 1_777_536_345_000,
        endMs: 1_777_536_360_000,
        counts: { connections: 15, bytesSent: 6722, bytesReceived: 17_208 },
        verdict: { outcome: 'allowed', basis: 'no_policy', pending: 'same', layer: 'L4' },
        client: { namespace: 'spike-traffic', name: 'client', labels: { app: 'client' } },
      },
    ])
  })
})
