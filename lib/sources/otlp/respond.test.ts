import { describe, expect, it } from 'vitest'
import { AppError, ERROR_STATUS, type ErrorCode } from '@/lib/errors'
import { encodeExportResponse, encodeFailure, encodeRetryDetails, rpcStatusOf } from './respond'

const text = (body: Uint8Array): string => new TextDecoder().decode(body)
const hex = (body: Uint8Array): string => Buffer.from(body).toString('hex')

describe('OTLP answers', () => {
  it('success is a body without bytes in protobuf and {} in JSON', () => {
    expect(encodeExportResponse('traces', 'protobuf')).toEqual({
      status: 200,
      contentType: 'application/x-protobuf',
      body: new Uint8Array(),
    })
    const json = encodeExportResponse('traces', 'json')
    expect([json.status, json.contentType, text(json.body)]).toEqual([200, 'application/json', '{}'])
  })

  it('partial success carries the count, in JSON as text, and the message', () => {
    const partial = { rejected: 300, message: 'bad id' }
    expect(text(encodeExportResponse('traces', 'json', partial).body)).toBe(
      '{"partialSuccess":{"rejectedSpans":"300","errorMessage":"bad id"}}',
    )
    // partial_success(1) { rejected_spans(1) = 300, error_message(2) = "bad id" }
    expect(hex(encodeExportResponse('traces', 'protobuf', partial).body)).toBe('0a0b08ac021206626164206964')
  })

  it('nothing rejected but a message is a warning', () => {
    const warning = { rejected: 0, message: 'careful' }
    expect(hex(encodeExportResponse('traces', 'protobuf', warning).body)).toBe('0a0912076361726566756c')
  })

  it('a failure is a google.rpc.Status of the request’s type, with the hint in its message', () => {
    const error = new AppError('bad_request', 'No.', { hint: 'Do.' })
    expect(text(encodeFailure('json', error).body)).toBe('{"code":3,"message":"No. Do."}')
    const answer = encodeFailure('protobuf', error)
    expect([answer.status, answer.contentType, hex(answer.body)]).toEqual([
      400,
      'application/x-protobuf',
      '080312074e6f2e20446f2e',
    ])
    expect(answer.retryAfterS).toBeUndefined()
  })

  it('trouble of ours is retryable and never 500, and waits at most 3 s', () => {
    const codes: readonly string[] = Object.keys(ERROR_STATUS)
    const statuses = codes.filter(isErrorCode).map((code) => encodeFailure('json', new AppError(code, 'x')).status)
    expect(statuses).not.toContain(500)
    expect(encodeFailure('json', new AppError('internal', 'x'))).toMatchObject({ status: 503, retryAfterS: 1 })
    expect(encodeFailure('json', new AppError('unavailable', 'x', { retryAfterS: 30 })).retryAfterS).toBe(3)
    expect(encodeFailure('json', new AppError('rate_limited', 'x', { retryAfterS: 0 })).retryAfterS).toBe(1)
  })

  it('each signal counts what it rejected under its own name', () => {
    const one = { rejected: 1, message: 'm' }
    expect(text(encodeExportResponse('logs', 'json', one).body)).toContain('"rejectedLogRecords":"1"')
    expect(text(encodeExportResponse('metrics', 'json', one).body)).toContain('"rejectedDataPoints":"1"')
  })

  it('gRPC: passing trouble carries a RetryInfo of 1 to 3 s, what is too large carries none', () => {
    const away = rpcStatusOf(new AppError('unavailable', 'away', { retryAfterS: 2 }))
    expect(away).toEqual({ code: 14, message: 'away', retryAfterS: 2 })
    const retryInfo = '0a28747970652e676f6f676c65617069732e636f6d2f676f6f676c652e7270632e5265747279496e666f12040a020802'
    expect(hex(encodeRetryDetails(away))).toBe(`080e120461776179 1a30${retryInfo}`.replace(' ', ''))
    expect(rpcStatusOf(new AppError('too_large', 'big'))).toEqual({ code: 8, message: 'big' })
    expect(rpcStatusOf(new AppError('unauthenticated', 'who'))).toEqual({ code: 16, message: 'who' })
    expect(rpcStatusOf(new AppError('forbidden', 'no'))).toEqual({ code: 7, message: 'no' })
    expect(rpcStatusOf(new AppError('bad_request', 'bad'))).toEqual({ code: 3, message: 'bad' })
  })
})

const isErrorCode = (code: string): code is ErrorCode => code in ERROR_STATUS
