import { Agent, createServer, request as httpRequest, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { z } from 'zod'
import type { LoadBody } from '@/lib/demo/flow-load'
import { useDatabase } from '@/lib/store/client'
import { ingestBody, once } from './bench-body'
import { bodiesAhead, loadPlan, sendAll, streamBodies } from './bench-load'
import { ownUsage, quantile, type Usage } from './bench-measure'
import { contend, writeEvidence } from './bench-store-jobs'
import { workAt } from './bench-worker'

/** A part of a fill: flows to send, or the time at which the worker has its turn. */
export const fillStep = z.union([loadPlan, z.object({ workAtMs: z.number() })])
export type FillStep = z.infer<typeof fillStep>

/** What a process of the benchmark can be told to do. */
export const benchJob = z.discriminatedUnion('kind', [
  /** JSON.parse of each line, one core, nothing else. */
  z.object({ kind: z.literal('parse'), plan: loadPlan }),
  /** The use case that the route calls, from body to COMMIT. `isAhead`: bodies are made before the clock starts. */
  z.object({
    kind: z.literal('ingest'),
    url: z.string(),
    plan: loadPlan,
    isAhead: z.boolean(),
    /** Sent before the clock starts, so that nothing measured pays for the compiler or for new dictionaries. */
    warm: loadPlan.optional(),
  }),
  /** The same for many plans one after the other, and in between what the worker would have done at that time. */
  z.object({ kind: z.literal('fill'), url: z.string(), steps: z.array(fillStep).readonly() }),
  /** Evidence rows alone, by the store's own statements, beside COPY of the same rows. */
  z.object({ kind: z.literal('evidence'), url: z.string(), plan: loadPlan, warm: loadPlan }),
  /** Writers that commit bodies of the same edges at once, outside the queue that would keep them apart. */
  z.object({ kind: z.literal('contend'), url: z.string(), plan: loadPlan }),
  /** Requests to a server, all made before the clock starts. */
  z.object({ kind: z.literal('post'), baseUrl: z.string(), plan: loadPlan, warm: loadPlan.optional() }),
  /** A bare HTTP server with the same use case; lives until its parent lets go of it. */
  z.object({ kind: z.literal('serve'), url: z.string() }),
])
export type BenchJob = z.infer<typeof benchJob>

/** What a job measured. */
export const jobResult = z.object({
  flows: z.number(),
  seconds: z.number(),
  cpuSeconds: z.number(),
  rssMiB: z.number(),
  peakMiB: z.number(),
  /** Of single bodies; NaN is told as null. */
  p50Ms: z.number().nullable(),
  p99Ms: z.number().nullable(),
  /** Seconds of what a job measures beside itself: the worker's of a fill, COPY's of evidence. */
  besideSeconds: z.number().optional(),
  /** Seconds in which evidence rows were encoded and their dictionaries committed, before the clock. */
  encodingSeconds: z.number().optional(),
  /** Where a server listens. */
  port: z.number().optional(),
})
export type JobResult = z.infer<typeof jobResult>

type Begin = () => Promise<void>

/** Does a job. `begin` is waited for when everything is ready, right before what is measured. */
export async function doJob(job: BenchJob, begin: () => Promise<void>): Promise<JobResult> {
  if (job.kind === 'parse') return parse(job, begin)
  if (job.kind === 'post') return post(job, begin)
  await useDatabase(job.url)
  if (job.kind === 'serve') return serve()
  if (job.kind === 'ingest') return ingest(job, begin)
  if (job.kind === 'fill') return fill(job, begin)
  return job.kind === 'evidence' ? writeEvidence(job, begin) : contend(job, begin)
}

async function parse({ plan }: Extract<BenchJob, { kind: 'parse' }>, begin: Begin): Promise<JobResult> {
  const bodies = bodiesAhead(plan)
  const [first] = bodies
  if (first) parseLines(first)
  await begin()
  return measured(bodies, 1, async (body) => {
    const parsed = parseLines(body)
    if (parsed !== body.flows) throw new Error(`${parsed} of ${body.flows} lines are flows`)
  })
}

function parseLines({ bytes }: LoadBody): number {
  let parsed = 0
  for (const line of Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8').split('\n'))
    if (line !== '' && JSON.parse(line).flow) parsed += 1
  return parsed
}

async function ingest(
  { plan, isAhead, warm }: Extract<BenchJob, { kind: 'ingest' }>,
  begin: Begin,
): Promise<JobResult> {
  if (warm) await sendAll(bodiesAhead(warm)[Symbol.iterator](), warm.senders, sendBody)
  const ahead = isAhead ? bodiesAhead(plan) : undefined
  await begin()
  if (ahead) return measured(ahead, plan.senders, sendBody)
  const { bodies, giveBack } = streamBodies(plan)
  return measuredOf(bodies, plan.senders, async (body) => {
    await sendBody(body)
    giveBack(body)
  })
}

async function fill({ steps }: Extract<BenchJob, { kind: 'fill' }>, begin: Begin): Promise<JobResult> {
  await begin()
  const before = ownUsage()
  const times: number[] = []
  let [flows, seconds, besideSeconds] = [0, 0, 0]
  for (const step of steps) {
    const start = performance.now()
    if ('workAtMs' in step) {
      await workAt(step.workAtMs)
      besideSeconds += (performance.now() - start) / 1000
      continue
    }
    const { bodies, giveBack } = streamBodies(step)
    const sent = await sendAll(bodies, step.senders, async (body) => {
      const sentAt = performance.now()
      await sendBody(body)
      times.push(performance.now() - sentAt)
      giveBack(body)
    })
    flows += sent.flows
    seconds += sent.seconds
  }
  return { flows, seconds, besideSeconds, ...sinceThen(before), ...quantiles(times) }
}

/** At the time that the body tells of, so that a stretch long ago is taken in as it would have been then. */
async function sendBody(body: LoadBody): Promise<void> {
  demandTaken(body, await untilTaken(() => ingestBody(once(body.bytes), body.endMs)))
}

const answerOf = z.object({ accepted: z.number(), rejected: z.number(), repeatedBatch: z.boolean() })

/** Every flow of the body counts: by this answer, or by that of an attempt whose answer did not come in time. */
function demandTaken({ flows }: LoadBody, { accepted, rejected, repeatedBatch }: z.infer<typeof answerOf>): void {
  if (!repeatedBatch && (rejected > 0 || accepted !== flows))
    throw new Error(`of ${flows} flows ${accepted} were accepted, ${rejected} rejected`)
}

const ATTEMPTS = 30
const PAUSE_MS = 1000

/** As senders do: what the database had no time for is sent again, and counts once. */
async function untilTaken<T>(send: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await send()
    } catch (error) {
      const isPassing = error instanceof Error && 'code' in error && error.code === 'unavailable'
      if (!isPassing || attempt >= ATTEMPTS) throw error
      await wait(PAUSE_MS)
    }
  }
}

async function serve(): Promise<JobResult> {
  const server = createServer((request, response) => {
    ingestBody(request, Date.now())
      .then((result) => response.writeHead(200).end(JSON.stringify(result)))
      .catch((error: unknown) => response.writeHead(503).end(error instanceof Error ? error.message : ''))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address: AddressInfo | string | null = server.address()
  if (typeof address !== 'object' || !address) throw new Error('the server has no port')
  return { flows: 0, seconds: 0, ...ownUsage(), p50Ms: null, p99Ms: null, port: address.port }
}

async function post({ baseUrl, plan, warm }: Extract<BenchJob, { kind: 'post' }>, begin: Begin): Promise<JobResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: plan.senders })
  const send = (body: LoadBody) => postBody(baseUrl, agent, body)
  try {
    if (warm) await sendAll(bodiesAhead(warm)[Symbol.iterator](), warm.senders, send)
    const ahead = bodiesAhead(plan)
    await begin()
    return await measured(ahead, plan.senders, send)
  } finally {
    agent.destroy()
  }
}

async function postBody(baseUrl: string, agent: Agent, body: LoadBody): Promise<void> {
  const text = await untilTaken(() => postOnce(baseUrl, agent, body))
  demandTaken(body, answerOf.parse(JSON.parse(text)))
}

async function postOnce(baseUrl: string, agent: Agent, body: LoadBody): Promise<string> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const headers = { 'content-type': 'application/x-ndjson', 'content-length': body.bytes.byteLength }
    httpRequest(`${baseUrl}/api/ingest/hubble`, { method: 'POST', agent, headers })
      .once('response', resolve)
      .once('error', reject)
      .end(body.bytes)
  })
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(Buffer.from(chunk))
  const text = Buffer.concat(chunks).toString('utf8')
  if (response.statusCode === 200) return text
  const error = new Error(`answered ${response.statusCode}: ${text.slice(0, 200)}`)
  throw response.statusCode === 503 ? Object.assign(error, { code: 'unavailable' }) : error
}

const measured = (bodies: readonly LoadBody[], senders: number, send: (body: LoadBody) => Promise<void>) =>
  measuredOf(bodies[Symbol.iterator](), senders, send)

async function measuredOf(
  bodies: Iterator<LoadBody>,
  senders: number,
  send: (body: LoadBody) => Promise<void>,
): Promise<JobResult> {
  const times: number[] = []
  const before = ownUsage()
  const { flows, seconds } = await sendAll(bodies, senders, async (body) => {
    const start = performance.now()
    await send(body)
    times.push(performance.now() - start)
  })
  return { flows, seconds, ...sinceThen(before), ...quantiles(times) }
}

function sinceThen(before: Usage): Usage {
  const after = ownUsage()
  return { ...after, cpuSeconds: after.cpuSeconds - before.cpuSeconds }
}

const quantiles = (times: readonly number[]) => ({ p50Ms: quantile(times, 0.5), p99Ms: quantile(times, 0.99) })
