import type { Comparison } from './bench-report'

/** What one server of live updates cost. */
export interface SseMeasured {
  readonly cpuSeconds: number
  readonly rssMiB: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly bytes: number
}

/** Ours, and a bare server that sent the same bytes to as many clients. */
export type SseStage = (options: {
  readonly clients: number
  readonly views: number
  readonly seconds: number
}) => Promise<{ readonly ours: SseMeasured; readonly bare: SseMeasured }>

export interface LiveOptions {
  readonly clients: number
  readonly views: number
  readonly seconds: number
}

/** Live updates to many clients on several views, beside a bare SSE server that sends the same bytes. */
export async function liveStage(measure: SseStage, options: LiveOptions): Promise<Comparison[]> {
  const { ours, bare } = await measure(options)
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
      name: 'from the commit to the client, p99',
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
