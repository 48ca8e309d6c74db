import type { CollectorStatus } from '@/lib/model/collector'
import type { Collector } from './collector'

/** Runs a listener as its supervisor would, for tests: resolves once it listens, rejects where it cannot. */
export async function startListener(listener: Collector): Promise<{ readonly port: number; stop(): Promise<void> }> {
  const ending = new AbortController()
  let running: Promise<void> = Promise.resolve()
  const status = await new Promise<CollectorStatus>((resolve, reject) => {
    running = listener.run({ signal: ending.signal, report: resolve, now: () => Date.now() })
    running.catch(reject)
  })
  return {
    port: Number(status.address?.split(':').at(-1)),
    stop: async () => {
      ending.abort()
      await running
    },
  }
}
