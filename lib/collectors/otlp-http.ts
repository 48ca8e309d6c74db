import { answerOtlp } from '@/lib/http/otlp'
import { type Collector, type CollectorContext, CollectorFailure } from './collector'
import { serveWeb, type WebHandler } from './web-server'

export interface ListenerSettings {
  readonly host: string
  /** 0 = any free one. */
  readonly port: number
}

/** OTLP/HTTP on a port of its own: what is answered is what the main port answers, and pages are not slowed by bodies. */
export function otlpHttpListener(settings: ListenerSettings, handler: WebHandler = answerOtlp): Collector {
  return {
    name: 'otlp-http',
    kind: 'otlp-http',
    source: 'otlp',
    cluster: '',
    address: addressText(settings),
    isExclusive: false,
    run: (context) => serve(settings, handler, context),
  }
}

async function serve(settings: ListenerSettings, handler: WebHandler, context: CollectorContext): Promise<void> {
  const server = await serveWeb(settings.host, settings.port, handler).catch((error: unknown) => {
    throw cannotListen(error, settings, 'POSTERN_OTLP_HTTP_PORT')
  })
  context.report({ state: 'connected', address: addressText({ ...settings, port: server.port }) })
  try {
    await Promise.race([untilAborted(context.signal), server.failed])
  } finally {
    await server.stop()
  }
}

export function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

export const addressText = ({ host, port }: ListenerSettings): string =>
  `${host.includes(':') ? `[${host}]` : host}:${port}`

/** Why a port cannot be had, and which variable names another one. Trying again soon is useless. */
export function cannotListen(error: unknown, settings: ListenerSettings, variable: string): CollectorFailure {
  const text = error instanceof Error ? error.message : String(error)
  const address = addressText(settings)
  const other = `set ${variable} to another port, or to 0 to do without`
  if (text.includes('EADDRINUSE'))
    return new CollectorFailure(`another collector listens on ${address}`, `Stop it, or ${other}.`, true, {
      cause: error,
    })
  if (text.includes('EACCES'))
    return new CollectorFailure(
      `this account may not listen on ${address}`,
      `Choose a port above 1023: ${other}.`,
      true,
      {
        cause: error,
      },
    )
  return new CollectorFailure(
    `cannot listen on ${address}: ${text.slice(0, 200)}`,
    `Check POSTERN_HOST, or ${other}.`,
    true,
    { cause: error },
  )
}
