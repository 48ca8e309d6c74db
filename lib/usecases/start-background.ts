import 'server-only'
import { processGlobal } from '@/lib/process-global'
import { listenForGraphChanges } from '@/lib/store/listen'
import { markJudgedOtherwise } from '@/lib/store/mark-all-connections'
import { egressConfig, setEgressConfig } from './egress-config'
import { judgeEgress } from './judge-egress'
import { trackFindings } from './track-findings'

/** Commits come in bursts: judge once they settle. */
const SETTLE_MS = 200
/** What a lost notification left behind is found at the latest then. */
const POLL_MS = 10_000

/**
 * Puts the egress rules in force and starts the worker that judges connections after every commit. Once per process. Throws
 * where the configuration is wrong: a server that judges by half-read rules must not start.
 */
export async function startBackground(sources: {
  readonly fileText?: string
  readonly sanctionedEgress?: string
}): Promise<void> {
  for (const warning of setEgressConfig(sources)) console.warn(`Egress configuration: ${warning}`)
  await markJudgedOtherwise(egressConfig().version)
  processGlobal('judge', () => startJudge())
}

function startJudge(): { readonly wake: () => void } {
  let isRunning = false
  let isWanted = false
  const run = async (): Promise<void> => {
    if (isRunning) {
      isWanted = true
      return
    }
    isRunning = true
    try {
      do {
        isWanted = false
        await judgeEgress()
        await trackFindings(Date.now())
      } while (isWanted)
    } catch (error) {
      console.error(
        JSON.stringify({ level: 'warn', task: 'judge', error: error instanceof Error ? error.message : String(error) }),
      )
    } finally {
      isRunning = false
    }
  }
  const timers = new Set<ReturnType<typeof setTimeout>>()
  const wake = () => {
    if (timers.size > 0) return
    const timer = setTimeout(() => {
      timers.delete(timer)
      void run()
    }, SETTLE_MS)
    timers.add(timer)
  }
  listenForGraphChanges(
    (payload) =>
      (payload === undefined || payload.includes('"egress" : true') || payload.includes('"egress":true')) && wake(),
  )
  setInterval(wake, POLL_MS).unref()
  wake()
  return { wake }
}
