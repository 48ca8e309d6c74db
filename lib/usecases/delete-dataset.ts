import 'server-only'
import { isAppError } from '@/lib/errors'
import { POSTERN_ACTOR } from '@/lib/model/audit'
import { logger } from '@/lib/observability/logger'
import { processGlobal } from '@/lib/process-global'
import { deleteSomeRows, loadDeleting, markDeleting } from '@/lib/store/delete-dataset'
import { noSuchDataset, pinnedName } from './name-dataset'

/**
 * Begins to delete a pinned dataset with all of its records: it takes no records from now on, and goes in the background, however
 * long that takes and whatever ends meanwhile. Incidents made of it stay. Errors: `not_found`, `unavailable`.
 */
export async function deleteDataset(name: string, actor = POSTERN_ACTOR): Promise<void> {
  if (!(await markDeleting(pinnedName(name), actor))) throw noSuchDataset()
  startDeleting()
}

/** Goes on with deletions that are not done, in the background; nothing where this process does it already. */
export function startDeleting(): void {
  const state = deletions()
  if (state.isRunning) {
    state.isWanted = true
    return
  }
  state.isRunning = true
  void run(state).finally(() => {
    state.isRunning = false
  })
}

/** One run per process; `isStopping` from the moment that the process is to end. */
const deletions = () => processGlobal('deletions', () => ({ isRunning: false, isWanted: false, isStopping: false }))

/** Begins no further transaction: what is left, another process or the next start deletes. */
export function stopDeleting(): void {
  deletions().isStopping = true
}

async function run(state: ReturnType<typeof deletions>): Promise<void> {
  try {
    do {
      state.isWanted = false
      await deleteMarked({ isStopping: () => state.isStopping })
    } while (state.isWanted && !state.isStopping)
  } catch (error) {
    if (!state.isStopping && !(isAppError(error) && error.code === 'unavailable'))
      logger().warn({ task: 'delete-dataset', error }, 'deleting a dataset failed and is tried again')
  }
}

/**
 * Deletes the rows of every marked dataset, some thousands per transaction, until none is left or it is to stop. Any number of processes
 * may run it at once, and again after any end. Answers how many rows it deleted. Errors: `unavailable`.
 */
export async function deleteMarked(
  options: { readonly isStopping?: () => boolean; readonly rowsAtOnce?: number } = {},
): Promise<number> {
  const { isStopping = () => false, rowsAtOnce } = options
  let deleted = 0
  for (const name of await loadDeleting())
    while (!isStopping()) {
      const rows = await deleteSomeRows(name, rowsAtOnce)
      deleted += rows
      if (rows === 0) break
    }
  return deleted
}
