import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { z } from 'zod'
import { useDatabase } from '@/lib/store/client'
import { benchJob, doJob, type JobResult } from './bench-jobs'
import { clockStatements, functionTable, recordCpu, statementTable } from './bench-profile'

const order = z.object({ job: benchJob, profileDir: z.string().optional() })

/** A process of the benchmark: does the one job that it is sent, and answers with what it measured. */
process.once('message', (message) => {
  const { job, profileDir } = order.parse(message)
  void (profileDir === undefined ? doJob(job, async () => undefined) : doProfiled(job, profileDir))
    .then((result) => ({ result }))
    .catch((error: unknown) => ({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }))
    .then((answer) => process.send?.(answer))
})
// Its parent lets go of it, or ended.
process.once('disconnect', () => {
  void useDatabase(undefined).finally(() => process.exit(0))
})

/** The same, with a CPU profile of what is measured, and a text that says where the time went. */
async function doProfiled(job: z.infer<typeof benchJob>, folder: string): Promise<JobResult> {
  let [endCpu, statements]: [() => Promise<string>, ReturnType<typeof clockStatements>] = [async () => '', () => []]
  const result = await doJob(job, async () => {
    endCpu = await recordCpu()
    statements = clockStatements()
  })
  const profile = await endCpu()
  mkdirSync(folder, { recursive: true })
  writeFileSync(path.join(folder, `${job.kind}.cpuprofile`), profile)
  const { flows, seconds, cpuSeconds } = result
  const lines = [
    `${flows} flows in ${seconds.toFixed(1)} s, ${cpuSeconds.toFixed(1)} s of CPU in this process`,
    `\nFunctions, by their own time\n${functionTable(profile)}`,
    `\nStatements, from the call to the answer\n${statementTable(statements())}\n`,
  ]
  writeFileSync(path.join(folder, `${job.kind}.txt`), lines.join('\n'))
  return result
}
