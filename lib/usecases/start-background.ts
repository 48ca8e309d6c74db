import 'server-only'
import type { Retention } from '@/lib/model/retention'
import { logger } from '@/lib/observability/logger'
import { processGlobal } from '@/lib/process-global'
import { closeDatabase } from '@/lib/store/client'
import { groupCommit } from '@/lib/store/group-commit'
import { listenForGraphChanges } from '@/lib/store/listen'
import { markJudgedOtherwise } from '@/lib/store/mark-all-connections'
import { rememberCallers } from './caller-address'
import { startDeleting, stopDeleting } from './delete-dataset'
import { drawNatEdges } from './draw-nat-edges'
import { egressConfig, refreshEgressConfig, type StartSettings, startEgressConfig } from './egress-config'
import { judgeFor } from './judge-egress'
import { endStreams } from './live-streams'
import { type MaintenanceOptions, maintainStorage } from './maintain-storage'
import { rememberResponses } from './node-response'
import { type NotifierSettings, notify } from './send-notifications'
import { settleSpans } from './settle-spans'
import { setSettleWindow } from './settle-window'
import { setStartupWindow } from './startup-window'
import { DETECTORS_EVERY_MS, trackFindings } from './track-findings'

/** Commits come in bursts: judge once they settle. */
const SETTLE_MS = 200
/** A pass over much takes seconds: the next one rests as long as it took, so that records and pages have their turn. */
const LONGEST_REST_MS = 5000
/** Findings are planned at least so often while much waits to be judged. */
const JUDGED_FOR_MS = 3000
/** How often what waits long enough is looked for: an indexed read where there is nothing. */
const SETTLING_MS = 5000
/** What a lost notification left behind is found at the latest then; findings end by quiet, which sends no notification. */
const POLL_MS = 10_000
/** While records are coming in, detectors that look at an hour of everything give way. */
const BUSY_DETECTORS_EVERY_MS = 4 * DETECTORS_EVERY_MS

export interface BackgroundSettings extends StartSettings {
  /** How long flow records of a connection, or the missing half of a call, are waited for. */
  readonly settleMs: number
  /** How long after its pod's start a violation may be a startup race; one minute where it is not set. */
  readonly startupRaceMs?: number
  /** How long live records are kept. */
  readonly retention: Retention
  /** Where notifications may go, and what they say of this server; undefined sends none. */
  readonly notifier?: NotifierSettings
  /** Paces of the storage worker where the usual ones are too slow: for tests. */
  readonly maintenance?: Omit<MaintenanceOptions, 'retention'>
}

/**
 * Puts the egress rules in force and starts the worker that judges connections and tracks findings after every commit. Once
 * per process. Throws where the configuration is wrong: a server that judges by half-read rules must not start.
 */
export async function startBackground(settings: BackgroundSettings): Promise<void> {
  setSettleWindow(settings.settleMs)
  if (settings.startupRaceMs !== undefined) setStartupWindow(settings.startupRaceMs)
  rememberResponses('/api/graph/stream')
  rememberCallers('/api/canary/')
  for (const warning of await startEgressConfig(settings)) logger().warn({ task: 'egress-config' }, warning)
  await markJudgedOtherwise(egressConfig().version)
  startJudge(judge(), settings.settleMs)
  startSettling()
  startDeletions()
  startMaintenance({ ...settings.maintenance, retention: settings.retention })
  if (settings.notifier) startNotifier(settings.notifier)
}

/** Deletions that another process left half done are found by the clock; those asked for here begin at once. */
function startDeletions(): void {
  const state = processGlobal('deletions-by-clock', () => ({ isStarted: false }))
  if (state.isStarted) return
  state.isStarted = true
  setInterval(startDeleting, POLL_MS).unref()
  startDeleting()
}

const maintenance = () => processGlobal('maintenance', () => ({ stop: new AbortController(), isStarted: false }))

/** The storage worker of this process, which waits until no other replica is at it. */
function startMaintenance(options: MaintenanceOptions): void {
  const state = maintenance()
  if (state.isStarted) return
  state.isStarted = true
  void maintainStorage(options, state.stop.signal)
}

const notifier = () => processGlobal('notifier', () => ({ stop: new AbortController(), isStarted: false }))

/** The sender of notifications of this process, which waits until no other replica is at it. */
function startNotifier(settings: NotifierSettings): void {
  const state = notifier()
  if (state.isStarted) return
  state.isStarted = true
  void notify(settings, state.stop.signal)
}

/** Settling sends its own notifications and needs none: it runs by the clock, apart from judging, and never twice at once. */
function startSettling(): void {
  const state = processGlobal('settling', () => ({ isStarted: false, isRunning: false }))
  if (state.isStarted) return
  state.isStarted = true
  setInterval(() => {
    if (state.isRunning || judge().isStopping) return
    state.isRunning = true
    void settleSpans(Date.now())
      .catch((error) => {
        if (!judge().isStopping) logger().warn({ task: 'settle', error }, 'settling failed and is tried again')
      })
      .finally(() => {
        state.isRunning = false
      })
  }, SETTLING_MS).unref()
}

/** One judge per process; `isStopping` from the moment that the process is to end. */
const judge = () => processGlobal('judge', () => ({ isStarted: false, isStopping: false }))

/** Ends what would keep the process from ending: open streams at once, the database once its work is done. */
export async function stopBackground(): Promise<void> {
  endStreams()
  judge().isStopping = true
  stopDeleting()
  maintenance().stop.abort()
  notifier().stop.abort()
  await closeDatabase()
}

function startJudge(state: ReturnType<typeof judge>, settleMs: number): void {
  if (state.isStarted) return
  state.isStarted = true
  let isRunning = false
  let isWanted = false
  let isSettling = false
  let restMs = 0
  const run = async (): Promise<void> => {
    if (state.isStopping) return
    if (isRunning) {
      isWanted = true
      return
    }
    isRunning = true
    isWanted = false
    const startMs = performance.now()
    try {
      // Another replica may have changed the rules.
      await refreshEgressConfig()
      await drawNatEdges({ nowMs: Date.now(), settleMs })
      const { isDone } = await judgeFor(JUDGED_FOR_MS)
      if (!isDone) isWanted = true
      await trackFindings(Date.now())
      await trackFindings(Date.now(), 'all', groupCommit().isBusy() ? BUSY_DETECTORS_EVERY_MS : DETECTORS_EVERY_MS)
    } catch (error) {
      // The pool closes under a pass that is still going: what it did not commit waits for the next start.
      if (!state.isStopping) logger().warn({ task: 'judge', error }, 'judging failed and is tried again')
    } finally {
      restMs = Math.min(performance.now() - startMs, LONGEST_REST_MS)
      isRunning = false
    }
    if (isWanted) wake()
  }
  const wake = () => {
    if (isSettling) return
    isSettling = true
    setTimeout(
      () => {
        isSettling = false
        void run()
      },
      Math.max(SETTLE_MS, restMs),
    )
  }
  listenForGraphChanges((payload) => {
    if (payload === undefined || /"egress" ?: ?true/.test(payload)) wake()
  })
  setInterval(wake, POLL_MS).unref()
  wake()
}
