import { type ChildProcess, spawn } from 'node:child_process'
import path from 'node:path'
import { z } from 'zod'
import { childEnv } from '@/lib/env'
import { type BenchJob, type JobResult, jobResult } from './bench-jobs'
import { type Usage, usageOf } from './bench-measure'

const answerOf = z.object({
  result: jobResult.optional(),
  error: z.string().optional(),
})

/** Does a job: in a process of its own, or, where only the way is to be tried, in this one. */
export type JobRunner = (job: BenchJob, profileDir?: string) => Promise<JobResult>

/** A job in a process of its own that lives on, as a server does. */
export interface RunningJob {
  readonly result: JobResult
  readonly pid: number
  usage(): Usage
  end(): Promise<void>
}

const root = path.resolve(import.meta.dirname, '../..')

/**
 * Does a job in a process of its own, so that its CPU and memory are its own, and answers what it measured. With `profileDir`
 * its CPU profile goes there, beside a text that says where its time went. Rejects where the job fails.
 */
export const runJob: JobRunner = async (job, profileDir) => {
  const running = await startJob(job, profileDir)
  await running.end()
  return running.result
}

/** The same, for a job that goes on after its answer until it is ended. */
export async function startJob(job: BenchJob, profileDir?: string): Promise<RunningJob> {
  const child = spawn(
    process.execPath,
    ['--conditions=react-server', '--import', 'tsx', path.join(root, 'lib/server/bench-job-child.ts')],
    { cwd: root, stdio: ['ignore', 'inherit', 'inherit', 'ipc'], env: childEnv({ POSTERN_LOG_LEVEL: 'silent' }) },
  )
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  try {
    const answer = answerOf.parse(await answered(child, { job, ...(profileDir !== undefined && { profileDir }) }))
    if (!answer.result) throw new Error(`a process of the benchmark failed: ${answer.error ?? 'no result'}`)
    return {
      result: answer.result,
      pid: child.pid ?? 0,
      usage: () => usageOf(child.pid ?? 0),
      end: async () => {
        if (child.connected) child.disconnect()
        await ended
      },
    }
  } catch (error) {
    child.kill('SIGKILL')
    await ended
    throw error
  }
}

function answered(
  child: ChildProcess,
  order: { readonly job: BenchJob; readonly profileDir?: string },
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    child.once('message', resolve)
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`a process of the benchmark ended with ${code}`)))
    child.send(order)
  })
}
