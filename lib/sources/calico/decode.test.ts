import { readFileSync } from 'node:fs'
import path from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { DecodeResult } from '@/lib/model/decoded'
import { JsonRecordSplitter } from '@/lib/sources/framing/json-records'
import { expectGolden } from '@/lib/sources/golden'
import { createCalicoDecoder } from './decode'

const golden = (name: string) => path.join(import.meta.dirname, '__golden__', `${name}.json`)
const fixture = (name: string) => path.join(import.meta.dirname, '__fixtures__', name)

function decodeFile(file: string): DecodeResult {
  const splitter = new JsonRecordSplitter({ maxRecordBytes: 1 << 20, maxDepth: 64 })
  const decoder = createCalicoDecoder()
  for (const framed of [...splitter.push(readFileSync(file)), ...splitter.end()]) {
    if ('reject' in framed) throw new Error(`line ${framed.line}: ${framed.reject.reason}`)
    decoder.push(framed.value, framed.line)
  }
  return decoder.finish()
}

describe('dialects', () => {
  const [expected] = decodeFile(fixture('emitter.jsonl')).flows

  it('reads an emitter line into the reviewed flow', async () => {
    await expectGolden(golden('one-flow'), expected)
  })

  it.each(['protojson-camel.json', 'protojson-snake.json', 'gateway-list-policy-strings.json', 'shipped.jsonl'])(
    'reads the same flow from %s',
    (name) => {
      const { flows, rejects } = decodeFile(fixture(name))
      expect(rejects).toEqual([])
      expect(flows.length).toBeGreaterThan(0)
      for (const flow of flows) expect({ ...flow, line: 1 }).toEqual(expected)
    },
  )
})

describe('other dialects', () => {
  it.each(['enterprise', 'whisker'])('decodes %s as reviewed', async (name) => {
    await expectGolden(golden(name), decodeFile(fixture(`${name}.jsonl`)))
  })

  it('reads an Enterprise record the same from Fluent Bit, Vector and Elasticsearch', () => {
    const [bare] = decodeFile(fixture('enterprise.jsonl')).flows
    const { flows, rejects } = decodeFile(fixture('enterprise-shipped.jsonl'))
    expect(rejects).toEqual([])
    expect(flows.map((flow) => ({ ...flow, line: 1 }))).toEqual([bare, bare, bare])
  })

  it('reads a page of Whisker as its flows', () => {
    const [flow] = decodeFile(fixture('whisker.jsonl')).flows
    expect(decodeFile(fixture('whisker-page.json')).flows).toEqual([flow])
  })
})

describe('situations', () => {
  it('decodes pods, hosts, networks, network sets and ICMP as reviewed', async () => {
    await expectGolden(golden('situations'), decodeFile(fixture('situations.jsonl')))
  })
})

const push = (...values: unknown[]) => {
  const decoder = createCalicoDecoder()
  for (const [index, value] of values.entries()) decoder.push(value, index + 1)
  return decoder.finish()
}

const KEY = {
  source_name: 'a-*',
  source_namespace: 'x',
  source_type: 1,
  dest_name: 'b-*',
  dest_namespace: 'y',
  dest_type: 1,
  dest_port: 80,
  proto: 'tcp',
  reporter: 1,
  action: 1,
}
const flowOf = (key: object = {}, rest: object = {}) => ({
  Key: { ...KEY, ...key },
  start_time: 1_764_000_000,
  end_time: 1_764_000_015,
  bytes_in: 10,
  bytes_out: 20,
  num_connections_started: 1,
  ...rest,
})

describe('refusals', () => {
  it.each([
    ['an Enterprise record without times', { source_name_aggr: 'x-*', action: 'deny' }, 'missing_time', 'start_time'],
    ['an Enterprise DNS record', { qname: 'a.example', rrsets: [] }, 'unsupported_dialect', 'DNS log'],
    ['an audit record', { kind: 'Event', auditID: '7', verb: 'get' }, 'unsupported_dialect', 'audit'],
    [
      'an L7 record',
      { src_name_aggr: 'a-*', dest_name_aggr: 'b-*', response_code: '200', url: '/x' },
      'unsupported_dialect',
      'L7',
    ],
    ['a WAF record', { rule_info: '913', dest_name_aggr: 'b-*' }, 'unsupported_dialect', 'WAF'],
    ['a page with a stranger', { total: { totalPages: 1 }, items: [{ value: 'x' }] }, 'no_flow', 'entry 0'],
    ['OTLP logs', { resourceLogs: [] }, 'unsupported_dialect', 'OTLP logs'],
    ['OTLP traces', { resourceSpans: [] }, 'unsupported_dialect', '/v1/traces'],
    ['a Hubble flow', { flow: { verdict: 'FORWARDED', IP: {} } }, 'unsupported_dialect', '/api/ingest/hubble'],
    ['filter hints', { hints: [{ value: 'x' }] }, 'unsupported_dialect', 'hints'],
    ['policy statistics', { policy: {}, allowed_in: ['1'] }, 'unsupported_dialect', 'statistics'],
    ['an Elasticsearch hit of another index', { _source: { qname: 'a', rrsets: [] } }, 'unsupported_dialect', 'DNS'],
    [
      'wrapped syslog',
      { message: '<134>1 2025-11-24T16:00:00Z n tigera_secure - - - {}' },
      'unsupported_dialect',
      'syslog',
    ],
    ['a syslog line', '<134>1 2025-11-24T16:00:00Z n tigera_secure - - - {}', 'unsupported_dialect', 'syslog'],
    [
      'the oldest text form',
      '1528842551 1528842851 wep dev a-* - wep dev b-* -',
      'unsupported_dialect',
      'space-delimited',
    ],
    ['the node’s text output', '- Time=2025-04-11 Reporter=Src Action=Allow', 'unsupported_dialect', 'calico-node'],
    ['an event stream line', 'data: {"action":"Allow"}', 'unsupported_dialect', 'event stream'],
    ['a kernel log line', 'kernel: calico-packet: IN=eth0', 'unsupported_dialect', 'kernel'],
    ['wrapped prose', { log: 'hello' }, 'not_json', 'wrapped'],
    ['prose', 'hello', 'not_an_object', ''],
    ['a number', 5, 'not_an_object', ''],
    ['nothing', {}, 'empty_record', ''],
    ['something else', { hello: 1 }, 'no_flow', 'Key'],
    ['a list with a stranger', { flows: [flowOf(), { id: '1' }] }, 'no_flow', 'entry 1'],
    ['no start', flowOf({}, { start_time: 0 }), 'missing_time', 'start_time'],
    ['milliseconds', flowOf({}, { start_time: 1_764_000_000_000 }), 'bad_value', 'seconds'],
    ['an end before the start', flowOf({}, { end_time: 1_763_999_999 }), 'bad_value', 'before'],
    ['an interval of two days', flowOf({}, { end_time: 1_764_172_800 }), 'bad_value', 'longer than a day'],
    ['no source', flowOf({ source_name: '', source_type: 0 }), 'missing_endpoints', 'source'],
    ['a workload without a name', flowOf({ dest_name: '-' }), 'missing_endpoints', 'name'],
    ['a name that is a number', flowOf({ source_name: 5 }), 'bad_value', 'source_name'],
    ['a name with NUL', flowOf({ source_name: 'a\u0000' }), 'bad_value', 'control'],
    ['half a character', flowOf({ source_namespace: '\ud800' }), 'bad_value', 'control'],
    ['an endless name', flowOf({ source_name: 'a'.repeat(600) }), 'bad_value', 'longer'],
    ['a port beyond 65535', flowOf({ dest_port: 70_000 }), 'bad_value', 'dest_port'],
    ['no protocol', flowOf({ proto: '' }), 'bad_value', 'proto'],
    ['a negative counter', flowOf({}, { bytes_in: -1 }), 'bad_value', 'bytes_in'],
    ['a counter that is no number', flowOf({}, { bytes_in: '1e3' }), 'bad_value', 'bytes_in'],
    ['a counter beyond 2^53', flowOf({}, { bytes_out: '9223372036854775807' }), 'bad_value', 'bytes_out'],
    ['an enum that is a list', flowOf({ action: [] }), 'bad_value', 'action'],
    ['policies that are no list', flowOf({ policies: { enforced_policies: {} } }), 'bad_value', 'enforced_policies'],
    ['a hit without a kind', flowOf({ policies: { enforced_policies: [{ name: 'x' }] } }), 'bad_policy', 'kind'],
    ['a hit without a name', flowOf({ policies: { enforced_policies: [{ kind: 1 }] } }), 'bad_policy', 'name'],
    ['a hit that is a number', flowOf({ policies: { enforced_policies: [1] } }), 'bad_policy', 'hit'],
    ['a bad policy string', flowOf({ policies: { pending_policies: ['0|a|b'] } }), 'bad_policy', '3 parts'],
  ])('refuses %s alone, and says why', (_name, value, reason, word) => {
    const { flows, rejects } = push(flowOf(), value)
    expect(flows).toHaveLength(1)
    expect(rejects).toEqual([{ line: 2, reason, detail: expect.stringContaining(word) }])
    expect(rejects[0]?.detail?.length).toBeLessThanOrEqual(120)
  })

  it('ignores a denial that is repeated with all counters 0, and only that', () => {
    const zero = { bytes_in: 0, bytes_out: 0, num_connections_started: 0 }
    const result = push(flowOf({ action: 2 }, zero), flowOf({ action: 1 }, zero))
    expect(result.ignored).toEqual({ stale_zero_deny: 1 })
    expect(result.flows.map((flow) => [flow.verdict.outcome, flow.counts.events])).toEqual([['allowed', 1]])
  })
})

/** The value with its field number `at`, counted over all levels, replaced. */
function put(value: unknown, at: number, change: unknown): unknown {
  let left = at
  const walk = (inner: unknown): unknown => {
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner
    return Object.fromEntries(
      Object.entries(inner).map(([key, field]) => {
        left -= 1
        return [key, left === -1 ? change : walk(field)]
      }),
    )
  }
  return walk(value)
}

describe('attackers', () => {
  it('drops labels that could reach a prototype, that are endless, or beyond the bound', () => {
    const many = Array.from({ length: 100 }, (_, index) => `k${index}=v`)
    const source_labels = ['__proto__=x', 'constructor=x', `big=${'x'.repeat(500)}`, 'nul=\u0000', 7, 'ok=a=b', ...many]
    const labels = push(flowOf({}, { source_labels })).flows[0]?.client.labels ?? {}
    expect(Object.keys(labels)).toHaveLength(64)
    expect(labels.ok).toBe('a=b')
    expect(Object.getPrototypeOf(labels)).toBe(Object.prototype)
    expect(Object.keys(labels).filter((key) => /proto|constructor|big|nul/.test(key))).toEqual([])
  })

  it('keeps nothing of fields that it does not know', () => {
    const text = JSON.stringify(push({ ...flowOf({ secret: 'hunter2' }), authorization: 'hunter2' }).flows)
    expect(text).not.toContain('hunter2')
  })

  it('can put anything in any field of any dialect: nothing throws, and nothing is reached', () => {
    const bases = ['emitter.jsonl', 'enterprise.jsonl', 'whisker.jsonl'].flatMap((name) =>
      readFileSync(fixture(name), 'utf8')
        .trim()
        .split('\n')
        .map((line): unknown => JSON.parse(line)),
    )
    const strange = fc.oneof(
      fc.jsonValue({ maxDepth: 3 }),
      fc.constantFrom('__proto__', 'constructor', -1, 2 ** 53, 1e308, '\u0000', 'x'.repeat(5000), '9'.repeat(30), null),
    )
    fc.assert(
      fc.property(
        fc.constantFrom(...bases),
        fc.array(fc.tuple(fc.nat(60), strange), { maxLength: 4 }),
        (base, changes) => {
          const { flows, rejects, ignored } = push(
            changes.reduce<unknown>((value, [at, change]) => put(value, at, change), base),
          )
          expect(flows.length + rejects.length + (ignored.stale_zero_deny ?? 0)).toBe(1)
          for (const reject of rejects) expect(reject.detail?.length ?? 0).toBeLessThanOrEqual(120)
          expect(Object.prototype).not.toHaveProperty('polluted')
        },
      ),
      { seed: 3, numRuns: 1500 },
    )
  })

  it('does not follow wrappers for ever', () => {
    let value: unknown = flowOf()
    for (let depth = 0; depth < 50; depth += 1) value = { result: value }
    expect(push(value).rejects).toMatchObject([{ reason: 'no_flow' }])
  })
})

describe('newer versions', () => {
  it('keeps an endpoint type, a policy kind and an action that it does not know', () => {
    const policies = { enforced_policies: [{ kind: 12, name: 'n', tier: 't', action: 9 }] }
    const [flow] = push(flowOf({ dest_type: 9, policies })).flows
    expect(flow?.server).toMatchObject({ class: 'workload', namespace: 'y', name: 'b' })
    expect(flow?.trace.enforced).toEqual([
      { kind: '12', namespace: '', tier: 't', name: 'n', action: 'unspecified', ruleIndex: 0 },
    ])
    expect(flow?.verdict).toMatchObject({ outcome: 'allowed', basis: 'not_reported' })
  })
})
