import { ROOT_CONTEXT, SpanKind, TraceFlags, trace } from '@opentelemetry/api'
import { tracing } from '@opentelemetry/sdk-node'
import { describe, expect, it } from 'vitest'
import { OwnSpans } from './own-spans'

const { NOT_RECORD, RECORD_AND_SAMPLED } = tracing.SamplingDecision
const sampler = new OwnSpans(new tracing.AlwaysOnSampler(), { decision: NOT_RECORD })
const TRACE = 'a'.repeat(32)
const sample = (target: string | undefined, parent?: { traceFlags: number; isRemote?: boolean }) =>
  sampler.shouldSample(
    parent ? trace.setSpanContext(ROOT_CONTEXT, { traceId: TRACE, spanId: 'b'.repeat(16), ...parent }) : ROOT_CONTEXT,
    TRACE,
    'GET',
    SpanKind.SERVER,
    target === undefined ? {} : { 'http.target': target },
    [],
  )

describe('own spans', () => {
  it.each([
    ['/v1/traces', NOT_RECORD],
    ['//v1/logs?x=1', NOT_RECORD],
    ['/api/otlp/v1/metrics', NOT_RECORD],
    ['/v1development/profiles', NOT_RECORD],
    ['/api/graph', RECORD_AND_SAMPLED],
    ['/graph?next=/v1/traces', RECORD_AND_SAMPLED],
    [undefined, RECORD_AND_SAMPLED],
  ])('%s', (target, decision) => {
    expect(sample(target).decision).toBe(decision)
  })

  it('what lies inside a span that is not made is not made either, whatever the sampler; a remote parent decides nothing', () => {
    expect(sample(undefined, { traceFlags: TraceFlags.NONE }).decision).toBe(NOT_RECORD)
    expect(sample(undefined, { traceFlags: TraceFlags.SAMPLED }).decision).toBe(RECORD_AND_SAMPLED)
    expect(sample(undefined, { traceFlags: TraceFlags.NONE, isRemote: true }).decision).toBe(RECORD_AND_SAMPLED)
  })

  it('addresses lose their query and the token of a share link', () => {
    expect(sample('/embed/graph?token=SECRET').attributes).toEqual({ 'http.target': '/embed/graph' })
    expect(sample('/share/SECRET/x').attributes).toEqual({ 'http.target': '/share/…/x' })
  })
})
