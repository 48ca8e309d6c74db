import { describe, expect, it } from 'vitest'
import { isAppError } from '@/lib/errors'
import { otlpSignalOfPath, resolveBodyEncoding } from './sniff'

const JSON_BODY = new TextEncoder().encode('{"resourceSpans":[]}')
const PROTOBUF_BODY = Uint8Array.from([0x0a, 0x02, 0x12, 0x00])

describe('resolveBodyEncoding', () => {
  it.each([
    ['application/x-protobuf', PROTOBUF_BODY, 'protobuf', 'protobuf', false],
    ['application/json', JSON_BODY, 'json', 'json', false],
    ['Application/JSON; charset=utf-8', JSON_BODY, 'json', 'json', false],
    ['application/x-protobuf', new Uint8Array(), 'protobuf', 'protobuf', false],
    ['application/json', new TextEncoder().encode('\n  {"a":1}'), 'json', 'json', false],
    ['application/json', new TextEncoder().encode('\ufeff{}'), 'json', 'json', false],
    ['application/json', new TextEncoder().encode('[]'), 'json', 'json', false],
    [undefined, JSON_BODY, 'json', 'json', true],
    [null, PROTOBUF_BODY, 'protobuf', 'protobuf', true],
    ['text/plain', PROTOBUF_BODY, 'protobuf', 'protobuf', true],
    ['application/octet-stream', JSON_BODY, 'json', 'json', true],
    ['application/json', PROTOBUF_BODY, 'protobuf', 'json', true],
    ['application/x-protobuf', JSON_BODY, 'json', 'protobuf', true],
  ] as const)('%s: the body decides, the declared type gets the answer', (type, body, encoding, answer, isTold) => {
    const resolved = resolveBodyEncoding(type, body)
    expect([resolved.encoding, resolved.answer, resolved.problem !== undefined]).toEqual([encoding, answer, isTold])
  })

  it.each([
    ['application/json', new Uint8Array(), 'bad_request'],
    ['application/grpc', Uint8Array.from([0, 0, 0, 0, 5]), 'unsupported_media'],
    ['application/msgpack', Uint8Array.from([0x81, 0xa1]), 'unsupported_media'],
    [undefined, new TextEncoder().encode('hello'), 'unsupported_media'],
  ] as const)('%s with a body that is neither is refused with a hint', (type, body, code) => {
    let error: unknown
    try {
      resolveBodyEncoding(type, body)
    } catch (thrown) {
      error = thrown
    }
    expect(isAppError(error) && error.code).toBe(code)
    expect(isAppError(error) && error.hint).toBeTruthy()
  })
})

describe('otlpSignalOfPath', () => {
  it.each([
    ['/v1/traces', 'traces'],
    ['/v1/traces/', 'traces'],
    ['//v1/traces', 'traces'],
    ['/v1//traces', 'traces'],
    ['/V1/Traces', 'traces'],
    ['/v1/traces/v1/traces', 'traces'],
    ['/api/otlp/v1/traces', 'traces'],
    ['/api/otlp/v1/traces/v1/traces/', 'traces'],
    ['/v1/traces/v1/logs', 'logs'],
    ['/v1/logs', 'logs'],
    ['/api/otlp/v1/metrics', 'metrics'],
    ['/v1development/profiles', 'profiles'],
    ['/', undefined],
    ['/v1', undefined],
    ['/v1/traces/x', undefined],
    ['/x/v1/traces', undefined],
    ['/v1/__proto__', undefined],
    ['/api/ingest/hubble', undefined],
  ])('%s is %s', (path, signal) => {
    expect(otlpSignalOfPath(path)).toBe(signal)
  })
})
