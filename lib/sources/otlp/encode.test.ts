import { describe, expect, it } from 'vitest'
import { type EncodableResourceSpans, encodeTracesJson, encodeTracesProtobuf } from './encode'
import { readTracesJson } from './traces-json'
import { readTracesProtobuf } from './traces-protobuf'
import type { WireAttributes, WireFilter, WireSpan } from './wire'

const FILTER: WireFilter = {
  resource: () => 'keep',
  span: () => 'keep',
  event: () => 'keep',
  maxTextChars: 10_000,
  maxItems: 1_000,
  maxDepth: 64,
}

const REQUEST: readonly EncodableResourceSpans[] = [
  {
    resource: { 'service.name': 'wörker' },
    scope: { name: 'scope', version: '1' },
    spans: [
      {
        traceId: '5b8efff798038103d269b633813fc60c',
        spanId: 'eee19b7ec3c1b174',
        parentSpanId: 'eee19b7ec3c1b173',
        name: 'chat',
        kind: 3,
        startNs: 1_769_904_000_123_456_789n,
        endNs: 1_769_904_000_123_456_790n,
        attributes: {
          text: 'x'.repeat(3000),
          int: -7,
          big: 9_007_199_254_740_993n,
          double: 0.25,
          endless: Number.POSITIVE_INFINITY,
          bool: false,
          list: ['a', 1, true, [2.5]],
        },
        events: [{ name: 'exception', atNs: 5n, attributes: { 'exception.type': 'E' } }],
        status: { code: 2, message: 'no' },
      },
    ],
  },
]

function collected(read: typeof readTracesJson, body: Uint8Array): [WireSpan, string, WireAttributes][] {
  const out: [WireSpan, string, WireAttributes][] = []
  const slips: string[] = []
  read(body, FILTER, {
    span: (span, scope, resource) => out.push([span, scope, resource]),
    slip: (slip) => slips.push(slip),
  })
  expect(slips).toEqual([])
  return out
}

describe('encodeTraces', () => {
  it('both encodings read back as the same spans, without a slip', () => {
    const json = collected(readTracesJson, encodeTracesJson(REQUEST))
    expect(collected(readTracesProtobuf, encodeTracesProtobuf(REQUEST))).toEqual(json)
    expect(json[0]?.[0]).toMatchObject({ startNs: 1_769_904_000_123_456_789n, statusCode: 2, name: 'chat' })
    expect(json[0]?.[0].attributes.get('big')).toBe(9_007_199_254_740_993n)
    expect(json[0]?.[0].attributes.get('endless')).toBe(Number.POSITIVE_INFINITY)
  })
})
