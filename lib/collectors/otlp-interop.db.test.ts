import { createServer, type Server } from 'node:http'
import { SpanKind } from '@opentelemetry/api'
import { type ExportResult, ExportResultCode } from '@opentelemetry/core'
import { OTLPLogExporter as GrpcLogExporter } from '@opentelemetry/exporter-logs-otlp-grpc'
import { OTLPLogExporter as ProtoLogExporter } from '@opentelemetry/exporter-logs-otlp-proto'
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto'
import { OTLPTraceExporter as GrpcTraceExporter } from '@opentelemetry/exporter-trace-otlp-grpc'
import { OTLPTraceExporter as JsonTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { OTLPTraceExporter as ProtoTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { LoggerProvider, type LogRecordExporter, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs'
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics'
import { resources } from '@opentelemetry/sdk-node'
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
  type SpanExporter,
} from '@opentelemetry/sdk-trace-base'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { LIMITS } from '@/lib/model/limits'
import { query, useDatabase } from '@/lib/store/client'
import { groupCommit } from '@/lib/store/group-commit'
import { createTestDatabase } from '@/lib/store/test-database'
import { otlpGrpcListener } from './otlp-grpc'
import { otlpHttpListener } from './otlp-http'
import { startListener } from './test-listener'

const ANY = { host: '127.0.0.1', port: 0 }
let database: Awaited<ReturnType<typeof createTestDatabase>>
let http: Awaited<ReturnType<typeof startListener>>
let grpc: Awaited<ReturnType<typeof startListener>>

beforeAll(async () => {
  database = await createTestDatabase()
  await useDatabase(database.url)
  http = await startListener(otlpHttpListener(ANY))
  grpc = await startListener(otlpGrpcListener(ANY))
})
afterAll(async () => {
  await Promise.all([http.stop(), grpc.stop()])
  await useDatabase(undefined)
  await database.drop()
})
beforeEach(async () => {
  await query(
    'TRUNCATE ingest_batch, span, source_minute, source_reject, flow_record, edge_bucket_15s, edge_bucket_1m, edge_bucket_1h, bucket_change',
  )
})

const RESOURCE = resources.resourceFromAttributes({
  'service.name': 'agent',
  'k8s.namespace.name': 'ml',
  'k8s.deployment.name': 'agent',
  'k8s.cluster.name': 'prod',
})
/** Spans as the SDK ends them: a call to a provider, with its enclosing span; `startMs` is that of the call. */
function spansOf(startMs = Date.now()): ReadableSpan[] {
  const memory = new InMemorySpanExporter()
  const provider = new BasicTracerProvider({
    resource: RESOURCE,
    spanProcessors: [new SimpleSpanProcessor(memory)],
  })
  const attributes = { 'server.address': 'api.openai.com', 'server.port': 443, 'http.request.method': 'POST' }
  const span = provider.getTracer('t').startSpan('POST', { kind: SpanKind.CLIENT, attributes, startTime: startMs })
  span.end(startMs + 20)
  return memory.getFinishedSpans()
}

const send = (exporter: SpanExporter, spans: ReadableSpan[]): Promise<ExportResult> =>
  new Promise<ExportResult>((resolve) => exporter.export(spans, resolve)).finally(() => exporter.shutdown())
const SUCCESS = { code: ExportResultCode.SUCCESS }
const url = (path = '/v1/traces', port = http.port): string => `http://127.0.0.1:${port}${path}`
const storedSpans = () => query<{ server: string }>("SELECT span->'peer'->>'name' AS server FROM span")
const rejects = () => query('SELECT source, reason, count::int AS count FROM source_reject ORDER BY reason')

type Compression = NonNullable<ConstructorParameters<typeof ProtoTraceExporter>[0]>['compression']
const [GZIP, NONE] = ['gzip', 'none'] as unknown as [Compression, Compression]

describe('traces of the official exporters', () => {
  it.each([
    ['http/protobuf', () => new ProtoTraceExporter({ url: url() })],
    ['http/protobuf gzip', () => new ProtoTraceExporter({ url: url(), compression: GZIP })],
    ['http/json', () => new JsonTraceExporter({ url: url() })],
    ['http/json gzip', () => new JsonTraceExporter({ url: url(), compression: GZIP })],
    ['grpc', () => new GrpcTraceExporter({ url: `http://127.0.0.1:${grpc.port}`, compression: NONE })],
    ['grpc gzip', () => new GrpcTraceExporter({ url: `http://127.0.0.1:${grpc.port}`, compression: GZIP })],
    ['a doubled path', () => new ProtoTraceExporter({ url: url('/v1/traces/v1/traces') })],
    ['a doubled slash', () => new ProtoTraceExporter({ url: url('//v1/traces') })],
    ['a trailing slash', () => new JsonTraceExporter({ url: url('/v1/traces/') })],
    ['our own path', () => new JsonTraceExporter({ url: url('/api/otlp/v1/traces') })],
  ])('%s: what the exporter calls a success is in the database', async (_name, exporter) => {
    expect(await send(exporter(), spansOf())).toEqual(SUCCESS)
    expect(await storedSpans()).toEqual([{ server: 'api.openai.com' }])
  })

  it('a bad span is refused alone, and the sender does not send again', async () => {
    const spans = [...spansOf(), ...spansOf(Date.now() - 400 * 86_400_000)]
    expect(await send(new ProtoTraceExporter({ url: url() }), spans)).toEqual(SUCCESS)
    expect(await storedSpans()).toHaveLength(1)
    expect(await rejects()).toEqual([{ source: 'otlp', reason: 'too_old', count: 1 }])
  })

  it('a wrong path fails for good, and the answer names the right one', async () => {
    const { code, error } = await send(new JsonTraceExporter({ url: url('/traces') }), spansOf())
    expect(code).toBe(ExportResultCode.FAILED)
    expect(JSON.stringify(error)).toContain(url('/v1/traces'))
  })
})

describe('passing trouble', () => {
  let proxy: Server
  let onStatus: (status: number) => Promise<void>
  const statuses: number[] = []

  /** Passes requests on and, before an answer goes back, says its status: so that a test can end the trouble by event. */
  beforeEach(async () => {
    statuses.length = 0
    proxy = createServer(async (incoming, outgoing) => {
      const chunks: Uint8Array[] = []
      for await (const chunk of incoming) chunks.push(chunk)
      const answer = await fetch(url(incoming.url), {
        method: 'POST',
        headers: { 'content-type': incoming.headers['content-type'] ?? '' },
        body: Buffer.concat(chunks),
      })
      statuses.push(answer.status)
      await onStatus(answer.status)
      const retryAfter = answer.headers.get('retry-after')
      outgoing.writeHead(answer.status, { ...(retryAfter && { 'retry-after': retryAfter }) })
      outgoing.end(Buffer.from(await answer.arrayBuffer()))
    })
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  })
  afterEach(async () => {
    proxy.closeAllConnections()
    await new Promise((resolve) => proxy.close(resolve))
  })
  const viaProxy = () => {
    const address = proxy.address()
    return url('/v1/traces', typeof address === 'object' && address ? address.port : 0)
  }

  it('while the database is away the exporter keeps its spans, and delivers them once it is back', async () => {
    onStatus = async (status) => {
      if (status === 503) await useDatabase(database.url)
    }
    await useDatabase('postgresql://nobody@127.0.0.1:1/none')
    expect(await send(new ProtoTraceExporter({ url: viaProxy() }), spansOf())).toEqual(SUCCESS)
    expect(statuses).toEqual([503, 200])
    expect(await storedSpans()).toHaveLength(1)
  })

  it('while too much waits for its commit senders are asked to come back, and then succeed', async () => {
    groupCommit().reserve(LIMITS.waitingBytes)
    onStatus = async (status) => {
      if (status === 503) groupCommit().release(LIMITS.waitingBytes)
    }
    expect(await send(new JsonTraceExporter({ url: viaProxy() }), spansOf())).toEqual(SUCCESS)
    expect(statuses).toEqual([503, 200])
    expect(await storedSpans()).toHaveLength(1)
  })
})

const flow = (name: string, namespace: string, atS = Math.floor(Date.now() / 15_000) * 15 - 60) => ({
  key: {
    sourceName: 'agent-runner-6f9c8d7b5c-*',
    sourceNamespace: 'agents',
    sourceType: 'WorkloadEndpoint',
    destName: name,
    destNamespace: namespace,
    destType: 'WorkloadEndpoint',
    destPort: '6333',
    proto: 'tcp',
    reporter: 'Src',
    action: 'Allow',
  },
  startTime: String(atS),
  endTime: String(atS + 15),
  bytesIn: '90000',
  bytesOut: '12000',
  packetsIn: '40',
  packetsOut: '44',
  numConnectionsStarted: '3',
})

/** Emits bodies by the SDK and answers what the exporter was told of each. */
async function log(
  exporter: LogRecordExporter,
  bodies: readonly Parameters<typeof emit>[1][],
): Promise<ExportResult[]> {
  const results: ExportResult[] = []
  const recording: LogRecordExporter = {
    export: (logs, done) =>
      exporter.export(logs, (result) => {
        results.push(result)
        done(result)
      }),
    forceFlush: () => Promise.resolve(),
    shutdown: () => exporter.shutdown(),
  }
  const provider = new LoggerProvider({
    resource: RESOURCE,
    processors: [new SimpleLogRecordProcessor({ exporter: recording })],
  })
  for (const body of bodies) emit(provider, body)
  await provider.forceFlush()
  await provider.shutdown()
  return results
}
const emit = (provider: LoggerProvider, body: string | ReturnType<typeof flow>) =>
  provider.getLogger('t').emit({ body })
const servers = (namespace: string) =>
  query('SELECT cluster, name FROM endpoint WHERE namespace = $1 ORDER BY name', [namespace])

describe('logs of the official exporters', () => {
  it.each([
    ['http/protobuf', () => new ProtoLogExporter({ url: url('/v1/logs'), compression: GZIP })],
    ['grpc', () => new GrpcLogExporter({ url: `http://127.0.0.1:${grpc.port}` })],
  ])(
    '%s: Goldmane flows as text or as maps are stored, in the cluster that the resource names',
    async (name, exporter) => {
      const namespace = `rag-${name.slice(0, 4)}`
      const results = await log(exporter(), [
        JSON.stringify(flow('vector-store-*', namespace)),
        flow('reranker-*', namespace),
      ])
      expect(results).toEqual([SUCCESS, SUCCESS])
      expect(await servers(namespace)).toEqual([
        { cluster: 'prod', name: 'reranker' },
        { cluster: 'prod', name: 'vector-store' },
      ])
    },
  )

  it('flow and DNS logs of Calico Enterprise are stored, each as its own source', async () => {
    const atS = Math.floor(Date.now() / 1000) - 600
    const interval = { start_time: atS, end_time: atS + 300 }
    const flowLog = {
      ...interval,
      ...{ host: 'node-1', action: 'allow', reporter: 'src', proto: 'tcp', dest_port: 443, num_flows_started: 2 },
      ...{ source_type: 'wep', source_namespace: 'ee', source_name: '-', source_name_aggr: 'agent-6b687c8dcb-*' },
      ...{
        dest_type: 'net',
        dest_namespace: '-',
        dest_name: '-',
        dest_name_aggr: 'pub',
        source_ip: null,
        dest_ip: null,
      },
    }
    const answer = { name: 'api.openai.com', type: 'A', class: 'IN', rdata: ['198.51.100.20'] }
    const dnsLog = {
      ...interval,
      ...{
        type: 'LOG',
        count: 1,
        client_ip: '10.48.1.7',
        client_name_aggr: 'agent-6b687c8dcb-*',
        client_namespace: 'ee',
      },
      ...{ qname: 'api.openai.com', qtype: 'A', qclass: 'IN', rcode: 'NoError', rrsets: [answer] },
    }
    const bodies = [JSON.stringify(flowLog), JSON.stringify(dnsLog)]
    expect(await log(new ProtoLogExporter({ url: url('/v1/logs') }), bodies)).toEqual([SUCCESS, SUCCESS])
    expect(await servers('ee')).toEqual([{ cluster: 'prod', name: 'agent' }])
    expect(await query("SELECT cluster, name FROM dns_name WHERE ip = '198.51.100.20'")).toEqual([
      { cluster: 'prod', name: 'api.openai.com' },
    ])
    expect(await query('SELECT DISTINCT source FROM source_minute WHERE accepted > 0 ORDER BY source')).toEqual([
      { source: 'calico' },
      { source: 'dns' },
    ])
  })

  it('any other log is refused, counted, and stored nowhere', async () => {
    expect(await log(new ProtoLogExporter({ url: url('/v1/logs') }), ['LOG-MARKER said hello'])).toEqual([SUCCESS])
    expect(await rejects()).toEqual([{ source: 'otlp', reason: 'unsupported_dialect', count: 1 }])
    expect(await query('SELECT 1 FROM flow_record')).toEqual([])
  })
})

describe('metrics of the official exporter', () => {
  it('succeed for the sender, and are counted as not stored', async () => {
    const reader = new PeriodicExportingMetricReader({
      exporter: new OTLPMetricExporter({ url: url('/v1/metrics') }),
      exportIntervalMillis: 600_000,
    })
    const provider = new MeterProvider({ readers: [reader] })
    provider.getMeter('t').createCounter('calls').add(1, { a: 1 })
    provider.getMeter('t').createHistogram('seconds').record(1)
    await provider.forceFlush()
    expect(await rejects()).toEqual([{ source: 'otlp', reason: 'metrics_not_stored', count: 2 }])
    await provider.shutdown()
  })
})
