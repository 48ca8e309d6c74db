import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import protobuf from 'protobufjs'
import { describe, expect, it } from 'vitest'
import { createCalicoDecoder } from '@/lib/sources/calico/decode'
import { ACTION, ENDPOINT_TYPE, POLICY_KIND, REPORTER } from '@/lib/sources/calico/wire'
import { decodeMessages } from './goldmane-run'
import { decodeMessage, GOLDMANE } from './protocol'

const proto = readFileSync(path.join(import.meta.dirname, 'proto/goldmane.proto'), 'utf8')
const root = protobuf.parse(proto, { keepCase: true }).root
const corpus = path.resolve(import.meta.dirname, '../../../../shared/corpus/calico')
const fixtures = path.resolve(import.meta.dirname, '../../sources/calico/__fixtures__')

const read = decodeMessage(GOLDMANE.stream.responseDeserialize)
const flowsOf = (value: unknown) => {
  const decoder = createCalicoDecoder()
  decoder.push(value, 1)
  return decoder.finish()
}

describe('the bundled descriptor', () => {
  it('is what the .proto file says; `npx vitest run PATH -u` writes it', async () => {
    const json = `${JSON.stringify(root.toJSON(), null, 1)}\n`
    await expect(json).toMatchFileSnapshot(path.join(import.meta.dirname, 'generated/protocol.json'))
  })

  it.each([
    ['goldmane.Action', ACTION],
    ['goldmane.Reporter', REPORTER],
    ['goldmane.EndpointType', ENDPOINT_TYPE],
    ['goldmane.PolicyKind', POLICY_KIND],
  ])('names %s as the decoder of JSON does', (name, names) => {
    const { 0: _unspecified, ...values } = root.lookupEnum(name).valuesById
    expect(values).toEqual(names)
  })
})

const wireOf = (name: string) => read(readFileSync(path.join(fixtures, name)))

describe('a flow on the wire', () => {
  it.each(['protojson-snake.json', 'protojson-camel.json', 'emitter.jsonl'])('is the flow of %s', (name) => {
    const { flows, rejects } = decodeMessages([wireOf('flow-result.binpb')])
    expect(rejects).toEqual([])
    expect(flows).toEqual(flowsOf(JSON.parse(readFileSync(path.join(fixtures, name), 'utf8'))).flows)
  })

  it('of a newer version keeps kinds that it does not know by number, and skips fields that it does not know', () => {
    const { flows, rejects } = decodeMessages([wireOf('flow-result-newer.binpb')])
    expect(rejects).toEqual([])
    expect(flows).toMatchObject([
      {
        client: { class: 'workload', name: 'a', ip: '10.48.1.7' },
        server: { class: 'internet', name: '' },
        verdict: { outcome: 'allowed' },
        trace: { enforced: [{ kind: '12', name: 'later', action: 'allow' }] },
      },
    ])
    // Two addresses are behind the server: neither is it.
    expect(flows[0]?.server).not.toHaveProperty('ip')
  })

  it('that is cut, or no message at all, is refused alone', () => {
    const whole = readFileSync(path.join(fixtures, 'flow-result.binpb'))
    const { flows, rejects } = decodeMessages([
      read(whole),
      read(whole.subarray(0, whole.length - 3)),
      read(Buffer.from('GET / HTTP/1.1')),
      read(Buffer.alloc(0)),
    ])
    expect(flows).toHaveLength(1)
    expect(rejects.map(({ line, reason }) => [line, reason])).toEqual([
      [2, 'bad_value'],
      [3, 'bad_value'],
      [4, 'empty_record'],
    ])
  })

  it('has an identity that neither its id nor the order of its labels changes', () => {
    const message = root.lookupType('goldmane.FlowResult')
    const json = JSON.parse(readFileSync(path.join(fixtures, 'protojson-snake.json'), 'utf8'))
    const keyOf = (change: object, flow: object) =>
      decodeMessages([
        read(
          Buffer.from(
            message.encode(message.fromObject({ ...json, ...change, flow: { ...json.flow, ...flow } })).finish(),
          ),
        ),
      ]).flows[0]?.recordKey
    const key = keyOf({}, {})
    expect(key).toBeDefined()
    expect(keyOf({ id: '77' }, { source_labels: ['z=1', 'a=2'], bytes_in: '9' })).toBe(key)
    expect(keyOf({}, { start_time: '1763999985' })).not.toBe(key)
  })
})

describe.skipIf(!existsSync(corpus))('the recorded message', () => {
  it('is the flow of its author’s JSON', () => {
    const message = read(readFileSync(path.join(corpus, 'goldmane_recorded_sample-flow.binpb')))
    const json: unknown = JSON.parse(
      readFileSync(path.join(corpus, 'goldmane_recorded_sample-flow.expected.json'), 'utf8'),
    )
    expect(decodeMessages([message]).flows).toEqual(flowsOf(json).flows)
  })
})
