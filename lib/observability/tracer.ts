import 'server-only'
import { type Attributes, SpanStatusCode, trace } from '@opentelemetry/api'

/**
 * Runs `work` in a span of the OpenTelemetry API. Without an SDK in the process this costs next to nothing; with one (NODE_OPTIONS
 * --import of any distribution) the spans leave by the usual OTEL_* variables. Names and attributes are of bounded number.
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
