import 'server-only'
import type { Attributes, Counter, Histogram, UpDownCounter } from '@opentelemetry/api'
import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus'
import {
  AggregationType,
  MeterProvider,
  type MeterProviderOptions,
  type MetricProducer,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics'
import { processGlobal } from '@/lib/process-global'

/** Every metric: name, kind, meaning, unit. Labels have few values each: never a pod, a path or an address. */
const METRICS = {
  postern_ingest_records: ['counter', 'Records by source and outcome: accepted, duplicate, rejected', ''],
  postern_ingest_rejects: ['counter', 'Rejected records by source and reason', ''],
  postern_ingest_bodies: ['counter', 'Requests to ingest by source and outcome: committed, repeated, failed', ''],
  postern_ingest_duration_seconds: ['histogram', 'From the first byte of a body to its commit', 's'],
  postern_http_requests: ['counter', 'Requests to the API by route name and status class', ''],
  postern_graph_query_duration_seconds: ['histogram', 'Time to answer one graph query', 's'],
  postern_judge_duration_seconds: ['histogram', 'Time of one round of judging egress connections', 's'],
  postern_judged_connections: ['counter', 'Egress connections judged, again where evidence came late', ''],
  postern_stream_clients: ['updown', 'Browsers that watch a live graph', ''],
  postern_findings_open: ['observed', 'Open findings by detector', ''],
  postern_notifications: [
    'counter',
    'Attempts to send a message by kind of channel and outcome: sent, retry, failed',
    '',
  ],
  postern_egress_waiting: ['observed', 'Egress connections that wait to be judged', ''],
  postern_egress_violations: ['observed', 'Edges of the last 15 minutes that left by another address', ''],
  postern_egress_verified_ratio: ['observed', 'Proven share of provider connections of the last 15 minutes', ''],
  postern_external_unnamed_ratio: ['observed', 'Share of AI workloads external traffic whose peer has no name', ''],
  postern_source_silent: ['observed', '1 where a source has gone silent, by source, cluster and hop', ''],
  postern_source_last_received_seconds: ['observed', 'When a source was last heard, Unix time', 's'],
  postern_source_lag_seconds: ['observed', 'How far the newest record of a source lay behind its receipt', 's'],
  postern_source_gaps: ['observed', 'Gaps that a source declared in the last 15 minutes', ''],
  postern_source_lost_records: ['observed', 'Records that a source declared lost in the last 15 minutes', ''],
  postern_collector_up: ['observed', '1 where a collector or listener does its work, by name and kind', ''],
  postern_collector_unavailable_nodes: ['observed', 'Nodes that do not report to a collector', ''],
} as const
type Kinds = typeof METRICS
export type MetricName = keyof Kinds
type Named<Kind extends Kinds[MetricName][0]> = {
  [Name in MetricName]: Kinds[Name][0] extends Kind ? Name : never
}[MetricName]

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** A fact that is asked for when Prometheus asks. */
export interface Observation {
  readonly name: Named<'observed'>
  readonly value: number
  readonly labels?: Attributes
}

interface Instruments {
  readonly provider: MeterProvider
  readonly exporter: PrometheusExporter
  readonly counters: ReadonlyMap<string, Counter | UpDownCounter>
  readonly histograms: ReadonlyMap<string, Histogram>
}

const instruments = (): Instruments => processGlobal('metrics', () => createInstruments())

/**
 * Lets the same instruments that Prometheus reads be read by others too; answers how to end that, after a last reading. Readers can only
 * be given to a provider that is new: throws where something was counted before.
 */
export function readMetricsBy({
  readers,
  resource,
}: Pick<MeterProviderOptions, 'readers' | 'resource'>): () => Promise<void> {
  let isNew = false
  const { provider } = processGlobal('metrics', () => {
    isNew = true
    return createInstruments({ readers, resource })
  })
  if (!isNew) throw new Error('metrics were counted before their export was set up')
  return () => provider.shutdown()
}

function createInstruments({ readers = [], resource }: MeterProviderOptions = {}): Instruments {
  const exporter = new PrometheusExporter({ preventServerStart: true })
  const provider = new MeterProvider({
    ...(resource && { resource }),
    readers: [exporter, ...readers],
    views: [
      {
        instrumentName: '*_duration_seconds',
        aggregation: { type: AggregationType.EXPLICIT_BUCKET_HISTOGRAM, options: { boundaries: SECONDS } },
      },
    ],
  })
  const meter = provider.getMeter('postern')
  const counters = new Map<string, Counter | UpDownCounter>()
  const histograms = new Map<string, Histogram>()
  for (const [name, [kind, description, unit]] of Object.entries(METRICS)) {
    const options = { description, ...(unit && { unit }) }
    if (kind === 'counter') counters.set(name, meter.createCounter(name, options))
    if (kind === 'updown') counters.set(name, meter.createUpDownCounter(name, options))
    if (kind === 'histogram') histograms.set(name, meter.createHistogram(name, options))
  }
  return { provider, exporter, counters, histograms }
}

/** Adds to a counter. */
export const count = (name: Named<'counter' | 'updown'>, value = 1, labels: Attributes = {}): void =>
  instruments().counters.get(name)?.add(value, labels)

/** Runs `work` and records how long it took, in seconds, whether it succeeds or not. */
export async function timed<T>(name: Named<'histogram'>, labels: Attributes, work: () => Promise<T>): Promise<T> {
  const start = performance.now()
  try {
    return await work()
  } finally {
    instruments()
      .histograms.get(name)
      ?.record((performance.now() - start) / 1000, labels)
  }
}

/** Everything as Prometheus text (exposition format 0.0.4), with these observations. */
export async function prometheusText(observations: readonly Observation[]): Promise<string> {
  const { resourceMetrics } = await instruments().exporter.collect()
  return `${serialize(resourceMetrics)}${await observedText(observations)}`
}

const observedText = async (observations: readonly Observation[]): Promise<string> =>
  observations.length === 0 ? '' : serialize(await collectObserved(observations))

/** In a provider of their own each time: one that lives on would repeat what is no longer true. */
async function collectObserved(observations: readonly Observation[]): Promise<ResourceMetrics> {
  const exporter = new PrometheusExporter({ preventServerStart: true })
  const provider = new MeterProvider({ readers: [exporter] })
  const meter = provider.getMeter('postern')
  for (const name of new Set(observations.map((item) => item.name))) {
    const [, description, unit] = METRICS[name]
    const gauge = meter.createGauge(name, { description, ...(unit && { unit }) })
    for (const item of observations) if (item.name === name) gauge.record(item.value, item.labels ?? {})
  }
  const { resourceMetrics } = await exporter.collect()
  await provider.shutdown()
  return resourceMetrics
}

/** What Prometheus is told when it asks, for a reader: asked for at each reading; without an answer the rest is read alone. */
export const observedProducer = (observe: () => Promise<readonly Observation[]>): MetricProducer => ({
  async collect() {
    try {
      return { resourceMetrics: await collectObserved(await observe()), errors: [] }
    } catch (error) {
      return { resourceMetrics: await collectObserved([]), errors: [error] }
    }
  },
})

const serialize = (metrics: ResourceMetrics): string =>
  new PrometheusSerializer('', false, undefined, true, true).serialize(metrics)
