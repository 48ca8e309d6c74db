import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { JsonRecordSplitter } from '@/lib/sources/framing/json-records'
import { createCalicoDecoder } from './decode'
import { recogniseText } from './strangers'

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
  'ce_flows_recorded_observability-clinic.jsonl': Array(2).fill('multitool → checkoutservice denied default'),
  'ce_policies_sample_training.json': [
    'no_flow: no Calico flow: neither `Key`, nor `flow.Key`, nor `source_name_aggr`',
  ],
  // Not valid JSON as the vendor published it: a comma too many.
  'docs_ce_flowlog_example_datatypes.json5': ['not_json'],
  // The vendor's page leaves the times out.
  'docs_ce_flowlog_example_hostforward_1.json': ['missing_time: start_time is absent or 0'],
  'docs_ce_flowlog_example_hostforward_2.json': ['missing_time: start_time is absent or 0'],
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

/** The first record of a file with the times that the page leaves out, in JSON without the page's comma too many. */
function readExample(name: string): unknown {
  const text = readFileSync(path.join(corpus, name), 'utf8')
    .split('\n{')[0]
    ?.replace(/,\s*\]/g, ']')
  const record: unknown = JSON.parse(text ?? '')
  return { start_time: 1_597_166_083, end_time: 1_597_166_383, ...(typeof record === 'object' && record) }
}

describe.skipIf(!existsSync(corpus))('Enterprise records', () => {
  const flowsOf = (...values: readonly unknown[]) => {
    const decoder = createCalicoDecoder()
    for (const [index, value] of values.entries()) decoder.push(value, index + 1)
    return decoder.finish()
  }

  it('the recorded denial: the tier’s end decides, addresses and pods are kept, and it counts once', () => {
    const [line = ''] = readFileSync(path.join(corpus, 'ce_flows_recorded_observability-clinic.jsonl'), 'utf8').split(
      '\n',
    )
    const { flows } = flowsOf(JSON.parse(line), JSON.parse(line))
    expect(new Set(flows.map((flow) => flow.recordKey)).size).toBe(1)
    expect(flows[0]).toMatchObject({
      observer: 'server',
      startMs: 1_659_621_542_000,
      endMs: 1_659_621_842_000,
      client: { class: 'workload', namespace: 'default', name: 'multitool', pod: 'multitool', ip: '10.48.116.157' },
      server: {
        namespace: 'hipstershop',
        name: 'checkoutservice',
        pod: 'checkoutservice-598d5b586d-wsvmz',
        ip: '10.48.127.224',
        labels: { tenant: 'hipstershop' },
      },
      protocol: 'tcp',
      serverPort: 5050,
      verdict: { outcome: 'denied', basis: 'default', layer: 'L4' },
      counts: { connections: 1, bytesSent: 300, bytesReceived: 0 },
      trace: {
        enforced: [
          { kind: 'GlobalNetworkPolicy', tier: 'security', name: 'tenant-histershop', action: 'pass' },
          {
            kind: 'EndOfTier',
            tier: 'app-hipstershop',
            trigger: { namespace: 'hipstershop', name: 'checkoutservice' },
          },
        ],
      },
    })
    expect(flows[0]).not.toHaveProperty('service')
    expect(flows[0]).not.toHaveProperty('clientPort')
    expect(flows[0]).not.toHaveProperty('translatedSource')
  })

  it('the documented full record, without the page’s comma too many', () => {
    const { flows, rejects } = flowsOf(readExample('docs_ce_flowlog_example_datatypes.json5'))
    expect(rejects).toEqual([])
    expect(flows).toMatchObject([
      {
        node: 'bz-n8kf-kadm-node-1',
        observer: 'server',
        client: { name: 'access', pod: 'access-6b687c8dcb-zn5s2', ip: '192.168.47.9' },
        server: { name: 'nginx', ip: '192.168.138.79' },
        verdict: { outcome: 'allowed', basis: 'rule', pending: 'would_deny' },
        counts: { connections: 1, bytesSent: 388, bytesReceived: 1113 },
      },
    ])
  })

  it('the documented forwarding hosts, with times', () => {
    const { flows, rejects } = flowsOf(
      readExample('docs_ce_flowlog_example_hostforward_1.json'),
      readExample('docs_ce_flowlog_example_hostforward_2.json'),
    )
    expect(rejects).toEqual([])
    expect(flows).toMatchObject([
      {
        observer: 'server',
        client: { class: 'workload', name: 'client-pods' },
        server: { class: 'workload', name: 'maintenance-server' },
        verdict: { outcome: 'allowed', basis: 'no_policy' },
        counts: { bytesSent: 1234, bytesReceived: 5678 },
        raw: { transit_policies: ['0|default|gnp:allow-ssh-maintenance|allow|0'] },
      },
      {
        observer: 'gateway',
        client: { class: 'external', name: '34.0.113.100' },
        server: { class: 'external', name: '66.11.155.1' },
        verdict: { outcome: 'allowed', basis: 'rule' },
        trace: { enforced: [{ kind: 'GlobalNetworkPolicy', name: 'allow-external-http' }] },
      },
    ])
  })
})
