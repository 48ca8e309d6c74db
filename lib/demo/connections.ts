import { createRng } from './rng'
import type { Scenario } from './scenarios'
import { CALLS, type DemoCall, type DemoWorkload, OUTSIDE, WORKLOADS } from './topology'

/** One connection of the demo cluster, before anybody logs it. */
export interface DemoConnection {
  readonly id: string
  readonly call: DemoCall
  readonly client: DemoWorkload
  /** Absent for a destination outside the cluster. */
  readonly server?: DemoWorkload
  readonly serverIp: string
  readonly clientPort: number
  readonly atMs: number
}

export interface DemoSpan {
  readonly seed: number
  readonly startMs: number
  readonly endMs: number
  /** What to show; everything where nothing is said. */
  readonly scenarios?: readonly Scenario[]
}

const SLOT_MS = 1000
export const FIRST_PORT = 32_768
export const PORTS = 28_000
const byName = new Map(WORKLOADS.map((item) => [`${item.namespace}/${item.name}`, item]))

/**
 * The connections of `[startMs, endMs)`. Time is cut into whole seconds, each with its own generator, so that a stretch has
 * the same connections whether it is asked for whole or in pieces.
 */
export function demoConnections({ seed, startMs, endMs, scenarios }: DemoSpan): DemoConnection[] {
  const connections: DemoConnection[] = []
  for (let slot = Math.ceil(startMs / SLOT_MS); slot * SLOT_MS < endMs; slot += 1) {
    const rng = createRng(seed ^ Math.imul(slot, 0x9e3779b1))
    for (const [index, call] of CALLS.entries()) {
      const client = byName.get(call.from)
      if (!client || rng() >= 1 / call.everyS) continue
      const atMs = slot * SLOT_MS + Math.floor(rng() * SLOT_MS)
      // The generator has been asked before, so that what is left out changes nothing of the rest.
      if (scenarios && !scenarios.includes(call.scenario ?? 'all-well')) continue
      const server = byName.get(call.to)
      connections.push({
        id: `${slot}-${index}`,
        call,
        client,
        ...(server && { server }),
        serverIp: server?.ip ?? OUTSIDE[call.to] ?? '',
        atMs,
        // Never used twice within a quarter of an hour, so that each connection has a tuple of its own.
        clientPort: FIRST_PORT + ((slot * CALLS.length + index) % PORTS),
      })
    }
  }
  return connections
}
