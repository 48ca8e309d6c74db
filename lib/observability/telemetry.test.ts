import { createServer, type Server } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { SpanKind, trace } from '@opentelemetry/api'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { parseEnv } from '@/lib/env'
import { count, prometheusText } from './metrics'
import { startTelemetry, type Telemetry, wantedSignals } from './telemetry'
import { withoutSpans, withSpan } from './tracer'

describe('what is sent', () => {
  it.each([
    [{}, false, false],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318' }, true, true],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318', OTEL_METRICS_EXPORTER: 'none' }, true, false],
    [{ OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'http://c:4318/v1/metrics' }, false, true],
    [{ OTEL_TRACES_EXPORTER: 'otlp' }, true, false],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318', OTEL_SDK_DISABLED: 'TRUE' }, false, false],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: '' }, false, false],
  ])('%o: traces %s, metrics %s', (variables, traces, metrics) => {
    expect(wantedSignals(parseEnv(variables))).toEqual({ traces, metrics })
  })
})

/** One start per process, as in production: the SDK registers itself for good. */
describe('with an endpoint', () => {
  const received: { path: string; body: unknown }[] = []
  let receiver: Server
  let telemetry: Telemetry

  beforeAll(async () => {
    receiver = createServer(async (incoming, outgoing) => {
      const body: unknown = JSON.parse((await buffer(incoming)).toString('utf8'))
      received.push({ path: incoming.url ?? '', body })
      outgoing.writeHead(200, { 'content-type': 'application/json' }).end('{}')
    })
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
    const address = receiver.address()
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`)
    vi.stubEnv('OTEL_EXPORTER_OTLP_PROTOCOL', 'http/json')
    vi.stubEnv('OTEL_RESOURCE_ATTRIBUTES', 'deployment.environment.name=test')
    telemetry = await startTelemetry(async () => [{ name: 'postern_egress_violations', value: 3 }])
  })
  afterAll(async () => {
    vi.unstubAllEnvs()
    await new Promise((resolve) => receiver.close(resolve))
  })

  it('spans and metrics leave at the latest when the process stops: the same numbers that Prometheus reads', async () => {
    const tracer = trace.getTracer('next.js')
    const request = (target: string, inner = async () => undefined) =>
      tracer.startActiveSpan('GET', { kind: SpanKind.SERVER, attributes: { 'http.target': target } }, async (span) => {
        await withSpan(`inside ${target}`, {}, inner)
        span.end()
      })
    await request('/api/graph?q=SECRET')
    await request('/share/SECRET-TOKEN')
    await request('/v1/traces')
    await request('//api/otlp/v1/logs?dataset=a')
    await withSpan('ingest', { source: 'hubble' }, async () => undefined)
    await withoutSpans(() => withSpan('ingest', { source: 'otlp' }, async () => undefined))
    count('postern_ingest_records', 5, { source: 'hubble', outcome: 'accepted' })
    expect(await prometheusText([])).toContain('postern_ingest_records_total{source="hubble",outcome="accepted"} 5')
    await telemetry.stop()

    const spans = JSON.stringify(received.filter(({ path }) => path === '/v1/traces'))
    const names = [...spans.matchAll(/"spanId":"\w+"[^{]*?"name":"([^"]+)"/g)].map(([, name]) => name)
    expect(names.sort()).toEqual(['GET', 'GET', 'ingest', 'inside /api/graph?q=SECRET', 'inside /share/SECRET-TOKEN'])
    const targets = [...spans.matchAll(/"http.target","value":\{"stringValue":"([^"]+)"/g)].map(([, target]) => target)
    expect(targets).toEqual(['/api/graph', '/share/…'])
    expect(spans).toContain('"service.name","value":{"stringValue":"postern"')
    expect(spans).toContain('deployment.environment.name')
    expect(spans).not.toContain('process.command')

    const metrics = JSON.stringify(received.filter(({ path }) => path === '/v1/metrics'))
    expect(metrics).toMatch(/"postern_ingest_records".*?"asDouble":5/)
    expect(metrics).toMatch(/"postern_egress_violations".*?"asDouble":3/)
    expect(metrics).toContain('"service.name","value":{"stringValue":"postern"')
  })
})
