import 'server-only'
import { type Attributes, context, SpanStatusCode, trace } from '@opentelemetry/api'
import { suppressTracing } from '@opentelemetry/core'

/**
 * Runs `work` in a span of the OpenTelemetry API. Without an SDK in the process this costs next to nothing; with one (telemetry.ts) the
 * spans leave by the usual OTEL_* variables. Names and attributes are of bounded number.
 */
export async function withSpan<T>(name: string, attributes: Attributes, work: () => Promise<T>): Promise<T> {
  return trace.getTracer('postern').startActiveSpan(name, { attributes }, async (span) => {
    try {
      return await work()
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR })
      if (error instanceof Error) span.recordException(error)
      throw error
    } finally {
      span.end()
    }
  })
}

/** Runs `work` without a single span, whatever is in force. */
export const withoutSpans = <T>(work: () => Promise<T>): Promise<T> =>
  context.with(suppressTracing(context.active()), work)
