import type { Comparison } from './bench-report'
import { type SseMeasured, type SseOptions, sseStage } from './bench-sse'

/** Live updates to many clients on several views, beside a bare SSE server that sends the same bytes. */
export async function liveStage(options: SseOptions): Promise<Comparison[]> {
  const { ours, bare } = await sseStage(options)
  const beside = { limitName: 'a bare SSE server, the same bytes' }
  const core = (one: SseMeasured): number => (one.cpuSeconds / options.seconds) * 100
  const perClient = (one: SseMeasured): number => (one.rssMiB * 1024) / options.clients
  return [
    {
      name: `${options.clients.toLocaleString('en-US')} clients on ${options.views} views: CPU`,
      ours: core(ours),
      limit: core(bare),
      unit: '% of a core',
      goal: { is: 'at most', ratio: 5 },
      ...beside,
    },
    {
      name: 'arrival of an event behind its first client, p99',
      note: `p50 ${Math.round(ours.p50Ms)} ms`,
      ours: ours.p99Ms,
      limit: bare.p99Ms,
      unit: 'ms',
      ...beside,
    },
    { name: 'memory per client', ours: perClient(ours), limit: perClient(bare), unit: 'KiB', ...beside },
    { name: 'bytes sent', ours: ours.bytes, limit: bare.bytes, unit: 'bytes', ...beside },
  ]
}
