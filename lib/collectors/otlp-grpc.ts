import {
  type Deadline,
  Metadata,
  Server,
  ServerCredentials,
  ServerInterceptingCall,
  type ServerInterceptor,
  type ServiceDefinition,
  type sendUnaryData,
  status,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js'
import { AppError } from '@/lib/errors'
import { asRefusal, otlpSender } from '@/lib/http/otlp'
import { LIMITS } from '@/lib/model/limits'
import { SECOND_MS } from '@/lib/model/units'
import { encodeRetryDetails, rpcStatusOf } from '@/lib/sources/otlp/respond'
import type { StoredSignal } from '@/lib/sources/otlp/sniff'
import { receiveOtlpMessage } from '@/lib/usecases/receive-otlp'
import type { Sender } from '@/lib/usecases/sender'
import type { Collector, CollectorContext } from './collector'
import { addressText, cannotListen, type ListenerSettings, untilAborted } from './otlp-http'
import { ReceivingSlots } from './receiving-slots'

/** Services of opentelemetry-proto v1.11, collector/…/v1/…_service.proto; each has the one method Export. */
const SERVICES: Readonly<Record<StoredSignal, string>> = {
  traces: 'opentelemetry.proto.collector.trace.v1.TraceService',
  logs: 'opentelemetry.proto.collector.logs.v1.LogsService',
  metrics: 'opentelemetry.proto.collector.metrics.v1.MetricsService',
}
const STOP_MS = 5 * SECOND_MS
/** Waiting for a slot must leave time to answer: collectors give up after 5 s. */
const SLOT_WAIT_MS = 2 * SECOND_MS
/** A message that takes longer to come in gives its slot to others. */
const RECEIVE_MS = 20 * SECOND_MS
/** A connection without calls is closed after this; senders open another when they need one. */
const IDLE_MS = 10 * 60 * SECOND_MS
/** The answer that says when to come again has to reach the sender before its own deadline does. */
const BEFORE_DEADLINE_MS = 300

/**
 * OTLP/gRPC on a port of its own. A sender is authenticated before its message is read, by the rules of every route: the token in the
 * `authorization` metadata, and, without sign-in, an `:authority` that names this machine. Messages in memory are bounded: those
 * being received by slots, those being stored by bytes.
 */
export function otlpGrpcListener(settings: ListenerSettings): Collector {
  return {
    name: 'otlp-grpc',
    kind: 'otlp-grpc',
    source: 'otlp',
    cluster: '',
    address: addressText(settings),
    isExclusive: false,
    run: (context) => serve(settings, context),
  }
}

async function serve(settings: ListenerSettings, context: CollectorContext): Promise<void> {
  const senders = new WeakMap<Metadata, Sender>()
  const server = new Server({
    'grpc.max_receive_message_length': LIMITS.otlpBodyBytes,
    'grpc.keepalive_time_ms': 60 * SECOND_MS,
    'grpc.keepalive_timeout_ms': 20 * SECOND_MS,
    // A connection may begin calls before anybody knows who it is.
    'grpc.max_concurrent_streams': LIMITS.otlpStreams,
    'grpc.max_connection_idle_ms': IDLE_MS,
    interceptors: [admission(senders)],
  })
  for (const signal of ['traces', 'logs', 'metrics'] as const) addExport(server, signal, senders)
  const port = await bind(server, addressText(settings)).catch((error: unknown) => {
    server.forceShutdown()
    throw cannotListen(error, settings, 'POSTERN_OTLP_GRPC_PORT')
  })
  context.report({ state: 'connected', address: addressText({ ...settings, port }) })
  await untilAborted(context.signal)
  await stop(server)
}

const bind = (server: Server, address: string): Promise<number> =>
  new Promise((resolve, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error, port) =>
      error ? reject(error) : resolve(port),
    )
  })

async function stop(server: Server): Promise<void> {
  const timer = setTimeout(() => server.forceShutdown(), STOP_MS)
  await new Promise<void>((resolve) => server.tryShutdown(() => resolve()))
  clearTimeout(timer)
}

/** Messages pass as bytes: the decoders are those of OTLP/HTTP. */
function addExport(server: Server, signal: StoredSignal, senders: WeakMap<Metadata, Sender>): void {
  const asIs = (bytes: Buffer): Buffer => bytes
  const definition: ServiceDefinition = {
    Export: {
      path: `/${SERVICES[signal]}/Export`,
      requestStream: false,
      responseStream: false,
      requestSerialize: asIs,
      requestDeserialize: asIs,
      responseSerialize: asIs,
      responseDeserialize: asIs,
    },
  }
  const implementation: UntypedServiceImplementation = {
    Export: (call: ExportCall, callback: sendUnaryData<Buffer>) => {
      const sender = senders.get(call.metadata)
      const work = sender
        ? receiveOtlpMessage(signal, call.request, sender)
        : Promise.reject(new AppError('internal', 'the sender is not known'))
      inTime(work, call.getDeadline()).then(
        (bytes) => callback(null, Buffer.from(bytes)),
        (error: unknown) => callback(grpcStatus(asRefusal(error))),
      )
    },
  }
  server.addService(definition, implementation)
}

interface ExportCall {
  readonly request: Buffer
  readonly metadata: Metadata
  getDeadline(): Deadline
}

/** What is not stored shortly before the deadline is answered `unavailable`; if it is stored after all, a second try counts once. */
async function inTime<T>(work: Promise<T>, deadline: Deadline): Promise<T> {
  const atMs = deadline instanceof Date ? deadline.getTime() : deadline
  if (atMs === Number.POSITIVE_INFINITY) return work
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new AppError('unavailable', 'the database is too slow', { retryAfterS: 2 })),
      Math.max(0, atMs - Date.now() - BEFORE_DEADLINE_MS),
    )
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

/** Authenticates, then waits for a slot, before the message is read; until then HTTP/2 flow control holds it back. */
function admission(senders: WeakMap<Metadata, Sender>): ServerInterceptor {
  const slots = new ReceivingSlots(LIMITS.otlpReceiving, SLOT_WAIT_MS)
  return (_method, call) => {
    let hasEnded = false
    let release = (): void => undefined
    const admit = async (metadata: Metadata): Promise<void> => {
      senders.set(metadata, await otlpSender(requestOf(metadata, call.getHost())))
      const give = await slots.take()
      const timer = setTimeout(
        () => call.sendStatus({ code: status.DEADLINE_EXCEEDED, details: 'The message took too long to come in.' }),
        RECEIVE_MS,
      )
      release = () => {
        clearTimeout(timer)
        give()
      }
      if (hasEnded) release()
    }
    const end = (): void => {
      hasEnded = true
      release()
    }
    return new ServerInterceptingCall(call, {
      start: (next) =>
        next({
          onReceiveMetadata: (metadata, proceed) => {
            admit(metadata).then(
              () => proceed(metadata),
              (error: unknown) => call.sendStatus(grpcStatus(asRefusal(error))),
            )
          },
          // Only the end of the message lets its bytes be counted among those that are stored.
          onReceiveHalfClose: (proceed) => {
            release()
            proceed()
          },
          onCancel: end,
        }),
      sendStatus: (answer, next) => {
        end()
        next(answer)
      },
    })
  }
}

/**
 * The call as `authenticate` reads it. `:authority` is checked as `Host` is: no browser speaks HTTP/2 without TLS, so no web
 * page gets here, but one rule for all ports is one less to know.
 */
function requestOf(metadata: Metadata, authority: string): Request {
  const headers = new Headers({ host: authority })
  for (const name of ['authorization', 'x-postern-cluster']) {
    const value = metadata.get(name)[0]
    if (typeof value === 'string') headers.set(name, value)
  }
  return new Request('http://localhost/', { method: 'POST', headers })
}

/** A failure in gRPC: passing trouble carries a RetryInfo, without which senders drop RESOURCE_EXHAUSTED. */
function grpcStatus(error: AppError): {
  readonly code: status
  readonly details: string
  readonly metadata: Metadata
} {
  const rpc = rpcStatusOf(error)
  const metadata = new Metadata()
  if (rpc.retryAfterS !== undefined) metadata.set('grpc-status-details-bin', Buffer.from(encodeRetryDetails(rpc)))
  // grpc-js percent-encodes the text, which fails on half a surrogate pair.
  return { code: rpc.code, details: rpc.message.replace(/\p{Cs}/gu, ''), metadata }
}
