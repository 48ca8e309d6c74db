import { setInterval } from 'node:timers/promises'
import { demoInventory } from '@/lib/demo/demo-inventory'
import { useDatabase } from '@/lib/store/client'
import { keepInventory } from '@/lib/usecases/keep-inventory'

/** A watch that stands says so; well below what counts as silence. */
const AGAIN_MS = 30_000

/**
 * Stores the inventory of the demo clusters, and goes on saying that its watch stands, until the signal: no request can carry an inventory,
 * so the launcher writes it where a collector would. Answers once it is stored first. Telling it again changes nothing.
 */
export async function keepDemoInventory(databaseUrl: string, signal: AbortSignal): Promise<void> {
  await useDatabase(databaseUrl)
  const sinceMs = Math.floor(Date.now() / 60_000) * 60_000
  await tell(sinceMs)
  void goOn(sinceMs, signal)
}

async function goOn(sinceMs: number, signal: AbortSignal): Promise<void> {
  try {
    // What fails is told again by the next.
    for await (const _tick of setInterval(AGAIN_MS, undefined, { signal, ref: false }))
      await tell(sinceMs, true).catch(() => undefined)
  } catch {
    // The signal ends it.
  } finally {
    await useDatabase(undefined)
  }
}

async function tell(sinceMs: number, isAgain = false): Promise<void> {
  const nowMs = Date.now()
  for (const { cluster, changes } of demoInventory(sinceMs))
    await keepInventory({
      cluster,
      changes: isAgain ? [] : changes,
      synced: [{ kind: 'NetworkPolicy', atMs: nowMs }],
      rejects: {},
      gaps: [],
      nowMs,
    })
}
