import 'server-only'
import { AppError } from '@/lib/errors'
import type { FlowListRow, FlowPosition } from '@/lib/model/flow-list'
import { LIMITS } from '@/lib/model/limits'
import type { TimeRange } from '@/lib/model/time-range'
import { processGlobal } from '@/lib/process-global'
import { topOf } from '@/lib/store/flow-slices'
import { flowListRow } from './flow-list-row'
import { countOfFlows, matchingFlows } from './list-flows'
import { type FlowRequest, type FlowSelection, flowWindow, selectFlows } from './select-flows'

/** A record of an export: the row of the table, and what its source sent. */
export interface ExportedFlow {
  readonly row: FlowListRow
  readonly raw: Readonly<Record<string, unknown>>
}

/** An export that is under way. */
export interface FlowExport {
  readonly window: TimeRange
  /** How many there were when it began; undefined where they are more than are counted. */
  readonly expected?: number
  /** The records that follow, newest first, never none of them; undefined behind the last. Throws `unavailable`. */
  nextPage(): Promise<readonly ExportedFlow[] | undefined>
  /** Nobody wants more. Nothing is read any more once the page that is being read is. */
  stop(): void
}

const PAGE = 1000

/**
 * All kept records that a view means, whatever their number, of the window and the edges as they are now. Memory and transactions are
 * those of one page, which is read when it is asked for. To be taken to its end, or stopped. Errors: `unavailable`, also where
 * `LIMITS.flowExports` run already.
 */
export async function exportFlows(request: FlowRequest, nowMs: number): Promise<FlowExport> {
  const release = takePlace()
  try {
    const window = flowWindow(request.query, nowMs)
    const selection = await selectFlows(request, window, nowMs)
    const { count, isExact } = await countOfFlows(request, nowMs)
    return { window, ...(isExact && { expected: count }), ...pagesOf(selection, request, release) }
  } catch (error) {
    release()
    throw error
  }
}

/** One of the places of this process; gives it back once, however often it is told to. */
function takePlace(): () => void {
  const running = processGlobal('flow-exports', () => ({ count: 0 }))
  if (running.count >= LIMITS.flowExports)
    throw new AppError('unavailable', `flowExports=${LIMITS.flowExports} exports run already`, { retryAfterS: 10 })
  running.count += 1
  let isHeld = true
  return () => {
    if (isHeld) running.count -= 1
    isHeld = false
  }
}

function pagesOf(
  selection: FlowSelection,
  { filter }: FlowRequest,
  release: () => void,
): Pick<FlowExport, 'nextPage' | 'stop'> {
  let after: FlowPosition | undefined = topOf(selection.window)
  const nextPage = async () => {
    // Where each record must be read, many may be read for none.
    while (after) {
      const { flows, next } = await matchingFlows(selection, filter, PAGE, after)
      // Stopped meanwhile, it stays so.
      if (after) after = next
      const page = flows.flatMap((stored) => {
        const row = flowListRow(stored, selection)
        return row ? [{ row, raw: stored.flow.raw }] : []
      })
      if (page.length > 0) return page
    }
    release()
    return undefined
  }
  return {
    nextPage: () =>
      nextPage().catch((error: unknown) => {
        release()
        throw error
      }),
    stop() {
      after = undefined
      release()
    },
  }
}
