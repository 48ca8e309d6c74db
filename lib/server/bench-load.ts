import { z } from 'zod'
import { bodyRoom, type LoadBody, touchBodies, trafficBodies } from '@/lib/demo/flow-load'
import { type LoadTopology, loadTopology } from '@/lib/demo/flow-load-topology'

const times = { seed: z.number(), startMs: z.number(), endMs: z.number() }

/** A stretch of the load, as one process tells another what to send. */
export const loadSpan = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('traffic'), ...times, flows: z.number() }),
  z.object({ kind: z.literal('touch'), ...times, everyMs: z.number() }),
])
export type LoadSpan = z.infer<typeof loadSpan>

/** Which load, and in which bodies. */
export const loadPlan = z.object({
  size: z.object({ seed: z.number(), workloads: z.number(), edges: z.number() }),
  spans: z.array(loadSpan).readonly(),
  bodyBytes: z.number().optional(),
  bodyLines: z.number().optional(),
  /** At a time. */
  senders: z.number(),
})
export type LoadPlan = z.infer<typeof loadPlan>

let known: { readonly key: string; readonly topology: LoadTopology } | undefined

/** Made once per process: one load has one cluster. */
function topologyOf(size: LoadPlan['size']): LoadTopology {
  const key = JSON.stringify(size)
  if (known?.key !== key) known = { key, topology: loadTopology(size) }
  return known.topology
}

/**
 * The bodies of a plan one after the other, written into memory that senders give back: what lives at a time is what is being
 * sent.
 */
export function streamBodies(plan: LoadPlan): { readonly bodies: Iterator<LoadBody>; giveBack(body: LoadBody): void } {
  const free: Uint8Array[] = []
  const size = sizeOf(plan)
  const takeRoom = () => free.pop() ?? Buffer.allocUnsafe(bodyRoom(size))
  return { bodies: bodiesOf(plan, { ...size, takeRoom }), giveBack: (body) => void free.push(body.room) }
}

/** The bodies of a plan, all made before anything is measured, and no larger than they must be. */
export const bodiesAhead = (plan: LoadPlan): LoadBody[] => {
  const { bodies, giveBack } = streamBodies(plan)
  const made: LoadBody[] = []
  for (let next = bodies.next(); !next.done; next = bodies.next()) {
    made.push({ ...next.value, bytes: Buffer.from(next.value.bytes) })
    giveBack(next.value)
  }
  return made
}

const sizeOf = ({ bodyBytes, bodyLines }: LoadPlan) => ({
  ...(bodyBytes !== undefined && { bytes: bodyBytes }),
  ...(bodyLines !== undefined && { lines: bodyLines }),
})

function* bodiesOf(plan: LoadPlan, size: Parameters<typeof trafficBodies>[2]): Generator<LoadBody, void, undefined> {
  const topology = topologyOf(plan.size)
  for (const span of plan.spans)
    if (span.kind === 'traffic') yield* trafficBodies(topology, span, size)
    else yield* touchBodies(topology, span, size)
}

/** Hands each body to `send`, `senders` of them at a time, in order. Answers the flows and how long it took. */
export async function sendAll(
  bodies: Iterator<LoadBody>,
  senders: number,
  send: (body: LoadBody) => Promise<void>,
): Promise<{ flows: number; seconds: number }> {
  let flows = 0
  const start = performance.now()
  const sender = async (): Promise<void> => {
    for (let next = bodies.next(); !next.done; next = bodies.next()) {
      await send(next.value)
      flows += next.value.flows
    }
  }
  await Promise.all(Array.from({ length: senders }, sender))
  return { flows, seconds: (performance.now() - start) / 1000 }
}
