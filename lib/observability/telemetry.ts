import 'server-only'
import { DiagLogLevel, diag } from '@opentelemetry/api'
import { type MetricReader, PeriodicExportingMetricReader, type PushMetricExporter } from '@opentelemetry/sdk-metrics'
import type { resources, tracing } from '@opentelemetry/sdk-node'
import { appVersion, type Env, env } from '@/lib/env'
import { logger } from './logger'
import { type Observation, observedProducer, readMetricsBy } from './metrics'
import { OwnSpans } from './own-spans'
import { withoutSpans } from './tracer'

export interface Telemetry {
  /** Sends what is left, for at most three seconds. Never throws. */
  stop(): Promise<void>
}

type Sdk = typeof import('@opentelemetry/sdk-node')
type Resource = resources.Resource

const STOP_MS = 3000
const MAX_LOG_CHARS = 500
const DEFAULT_INTERVAL_MS = 60_000
const DEFAULT_TIMEOUT_MS = 30_000

/** Which signals the variables of OpenTelemetry ask for: an exporter by name, or an endpoint without one. */
export function wantedSignals(settings: Env): { readonly traces: boolean; readonly metrics: boolean } {
  if (settings.OTEL_SDK_DISABLED?.toLowerCase() === 'true') return { traces: false, metrics: false }
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint } = settings
  const isWanted = (exporter: string | undefined, own: string | undefined) =>
    exporter ? exporter !== 'none' : Boolean(own ?? endpoint)
  return {
    traces: isWanted(settings.OTEL_TRACES_EXPORTER, settings.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT),
    metrics: isWanted(settings.OTEL_METRICS_EXPORTER, settings.OTEL_EXPORTER_OTLP_METRICS_ENDPOINT),
  }
}

/**
 * Sends our own spans and metrics where the usual OTEL_* variables say. Where they say nothing, nothing is loaded. Metrics are those of
 * /metrics, with what `observe` tells at each reading. Must come before anything is counted. A failing export is logged and
 * changes nothing else.
 */
export async function startTelemetry(observe: () => Promise<readonly Observation[]>): Promise<Telemetry> {
  const settings = env()
  const wanted = wantedSignals(settings)
  if (!wanted.traces && !wanted.metrics) return { stop: async () => undefined }
  const sdk = await import('@opentelemetry/sdk-node')
  logProblems()
  const resource = resourceOf(sdk)
  await resource.waitForAsyncAttributes?.()
  const stops: (() => Promise<void>)[] = []
  if (wanted.metrics) {
    const readers = await metricReaders(settings, observe)
    if (readers.length > 0) stops.push(readMetricsBy({ readers, resource }))
  }
  if (wanted.traces) stops.push(startTraces(sdk, settings, resource))
  return { stop: () => stopAll(stops) }
}

/** The exporter is the SDK's choice by its variables; metrics and logs it leaves alone. */
function startTraces(sdk: Sdk, settings: Env, resource: Resource): () => Promise<void> {
  const drop = { decision: sdk.tracing.SamplingDecision.NOT_RECORD }
  const node = new sdk.NodeSDK({
    resource,
    autoDetectResources: false,
    sampler: new OwnSpans(samplerOf(sdk, settings), drop),
    metricReaders: [],
    logRecordProcessors: [],
  })
  node.start()
  return () => node.shutdown()
}

/** Ours where nothing else is said; what the environment says of the service stands above. The command line stays here. */
function resourceOf({
  resources: { defaultResource, detectResources, envDetector, hostDetector, resourceFromAttributes },
}: Sdk): Resource {
  return defaultResource()
    .merge(resourceFromAttributes({ 'service.name': 'postern', 'service.version': appVersion() }))
    .merge(detectResources({ detectors: [hostDetector, envDetector] }))
}

/** The standard samplers by name. https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/ (read 2026-10) */
function samplerOf({ tracing: sdk }: Sdk, settings: Env): tracing.Sampler {
  const name = settings.OTEL_TRACES_SAMPLER ?? 'parentbased_always_on'
  const given = Number(settings.OTEL_TRACES_SAMPLER_ARG ?? 1)
  const ratio = given >= 0 && given <= 1 ? given : 1
  const root = name.endsWith('traceidratio')
    ? new sdk.TraceIdRatioBasedSampler(ratio)
    : name.endsWith('always_off')
      ? new sdk.AlwaysOffSampler()
      : new sdk.AlwaysOnSampler()
  return name.startsWith('parentbased_') ? new sdk.ParentBasedSampler({ root }) : root
}

async function metricReaders(settings: Env, observe: () => Promise<readonly Observation[]>): Promise<MetricReader[]> {
  const names = new Set((settings.OTEL_METRICS_EXPORTER ?? 'otlp').split(',').map((name) => name.trim()))
  // `prometheus` is there anyway, at /metrics.
  names.delete('prometheus')
  const readers: MetricReader[] = []
  const exportIntervalMillis = positive(settings.OTEL_METRIC_EXPORT_INTERVAL) ?? DEFAULT_INTERVAL_MS
  const exportTimeoutMillis = Math.min(
    positive(settings.OTEL_METRIC_EXPORT_TIMEOUT) ?? DEFAULT_TIMEOUT_MS,
    exportIntervalMillis,
  )
  for (const name of names) {
    if (name === 'otlp')
      readers.push(
        new PeriodicExportingMetricReader({
          exporter: await otlpMetrics(settings),
          exportIntervalMillis,
          exportTimeoutMillis,
          metricProducers: [observedProducer(() => withoutSpans(observe))],
        }),
      )
    else logger().warn({ task: 'telemetry' }, 'OTEL_METRICS_EXPORTER: only otlp, prometheus and none are known')
  }
  return readers
}

async function otlpMetrics(settings: Env): Promise<PushMetricExporter> {
  const protocol = settings.OTEL_EXPORTER_OTLP_METRICS_PROTOCOL ?? settings.OTEL_EXPORTER_OTLP_PROTOCOL
  if (protocol === 'grpc') return new (await import('@opentelemetry/exporter-metrics-otlp-grpc')).OTLPMetricExporter()
  if (protocol === 'http/json')
    return new (await import('@opentelemetry/exporter-metrics-otlp-http')).OTLPMetricExporter()
  return new (await import('@opentelemetry/exporter-metrics-otlp-proto')).OTLPMetricExporter()
}

function positive(value: string | undefined): number | undefined {
  const number = Number(value)
  return number > 0 && Number.isFinite(number) ? number : undefined
}

/** The SDK's own words go to our log, warnings and worse. */
function logProblems(): void {
  const warn = (...parts: readonly unknown[]) =>
    logger().warn({ task: 'telemetry' }, parts.map(textOf).join(' ').slice(0, MAX_LOG_CHARS))
  const quiet = () => undefined
  diag.setLogger({ error: warn, warn, info: quiet, debug: quiet, verbose: quiet }, DiagLogLevel.WARN)
}

function textOf(part: unknown): string {
  if (typeof part === 'string') return part
  return part instanceof Error ? part.message : (JSON.stringify(part) ?? '')
}

async function stopAll(stops: readonly (() => Promise<void>)[]): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, STOP_MS)
  })
  await Promise.race([late, Promise.allSettled(stops.map((stop) => stop()))])
  clearTimeout(timer)
}
