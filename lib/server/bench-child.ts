import { useDatabase } from '@/lib/store/client'
import { benchJob, doJob } from './bench-jobs'

/** A process of the benchmark: does the one job that it is sent, and answers with what it measured. */
process.once('message', (message) => {
  void doJob(benchJob.parse(message))
    .then((result) => ({ result }))
    .catch((error: unknown) => ({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }))
    .then((answer) => process.send?.(answer))
})
// Its parent lets go of it, or ended.
process.once('disconnect', () => {
  void useDatabase(undefined).finally(() => process.exit(0))
})
