import { isAppError } from '@/lib/errors'
import type { CollectorStatus } from '@/lib/model/collector'
import { SECOND_MS } from '@/lib/model/units'
import { logger } from '@/lib/observability/logger'
import { holdCollectorDuty, reportCollector } from '@/lib/usecases/collector-duty'
import { type Collector, isCollectorFailure } from './collector'
import { pause } from './pause'
import { StatusWriter } from './status-writer'

const FIRST_PAUSE_MS = SECOND_MS
const LONGEST_PAUSE_MS = 30 * SECOND_MS
/** After a failure that only a person can mend. */
const LASTING_PAUSE_MS = 60 * SECOND_MS
/** A run that worked for this long starts the pauses anew. */
const HEALTHY_MS = 60 * SECOND_MS

export interface SupervisorTimes {
  readonly firstPauseMs: number
  readonly longestPauseMs: number
  readonly lastingPauseMs: number
}
const TIMES: SupervisorTimes = {
  firstPauseMs: FIRST_PAUSE_MS,
  longestPauseMs: LONGEST_PAUSE_MS,
  lastingPauseMs: LASTING_PAUSE_MS,
}

/**
 * Runs a collector until `signal` aborts: exclusive ones under their duty, each run again after a growing pause (1 s to 30 s, ±20 %)
 * when it failed. Every change of state is written for the sources page and logged once; a replica on standby leaves the word to
 * the one on duty. Never throws.
 */
export async function supervise(collector: Collector, signal: AbortSignal, times = TIMES): Promise<void> {
  let isOnDuty = !collector.isExclusive
  const status = new StatusWriter((current) => reportCollector({ ...identity(collector), status: current, isOnDuty }))
  const report = (current: CollectorStatus): void => {
    const { address } = collector
    if (status.set({ ...(address && { address }), ...current })) logState(collector, current)
  }
  report({ state: 'starting' })
  const work = (during: AbortSignal) => runAgain(collector, during, report, times)
  if (!collector.isExclusive) await work(signal)
  else {
    const onDuty = async (during: AbortSignal) => {
      isOnDuty = true
      report({ state: 'starting' })
      await work(during)
      // Before the lock goes: afterwards this is another replica's word.
      if (signal.aborted) await status.end({ state: 'stopped' })
      isOnDuty = false
    }
    await holdCollectorDuty(collector.name, signal, (reason) => report(WAITING[reason]), onDuty)
  }
  await status.end({ state: 'stopped' })
}

const WAITING: Readonly<Record<'held' | 'database-away', CollectorStatus>> = {
  held: { state: 'standby', detail: 'Another replica of Postern does this.' },
  'database-away': {
    state: 'retrying',
    detail: 'The database is away.',
    remedy: 'It goes on by itself when the database is back.',
  },
}

async function runAgain(
  collector: Collector,
  signal: AbortSignal,
  report: (status: CollectorStatus) => void,
  times: SupervisorTimes,
): Promise<void> {
  let pauseMs = times.firstPauseMs
  let known: Known = {}
  const hear = (status: CollectorStatus) => {
    // Who works says all; who does not yet, may not know it yet.
    known = status.state === 'connected' ? knownOf(status) : { ...known, ...knownOf(status) }
    report(status)
  }
  while (!signal.aborted) {
    const startMs = Date.now()
    const failure = await collector.run({ signal, report: hear, now: () => Date.now() }).then(
      () => undefined,
      (error: unknown) => error ?? new Error('failed without a reason'),
    )
    if (signal.aborted) return
    if (Date.now() - startMs > HEALTHY_MS) pauseMs = times.firstPauseMs
    report({ ...known, ...statusOf(failure) })
    const isLasting = isCollectorFailure(failure) && failure.isLasting
    await pause(isLasting ? times.lastingPauseMs : pauseMs * (0.8 + 0.4 * Math.random()), signal)
    pauseMs = Math.min(pauseMs * 2, times.longestPauseMs)
  }
}

/** What stays true of the other side while nobody talks to it. */
type Known = Pick<CollectorStatus, 'address' | 'nodes' | 'missingKinds'>

const knownOf = ({ address, nodes, missingKinds }: CollectorStatus): Known => ({
  ...(address && { address }),
  ...(nodes && { nodes }),
  ...(missingKinds && { missingKinds }),
})

function statusOf(failure: unknown): CollectorStatus {
  if (failure === undefined) return { state: 'retrying', detail: 'The other side ended the connection.' }
  if (isCollectorFailure(failure))
    return { state: failure.isLasting ? 'failed' : 'retrying', detail: failure.message, remedy: failure.remedy }
  if (isAppError(failure) && failure.code === 'unavailable') return WAITING['database-away']
  return { state: 'retrying', detail: failure instanceof Error ? failure.message.slice(0, 300) : 'failed' }
}

const identity = ({ name, kind, source, cluster }: Collector) => ({ name, kind, source, cluster })

function logState(collector: Collector, { state, detail }: CollectorStatus): void {
  const level = state === 'retrying' || state === 'failed' ? 'warn' : 'info'
  logger()[level]({ collector: collector.name, kind: collector.kind, state, detail }, 'a collector changed its state')
}
