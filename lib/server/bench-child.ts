import { type ChildProcess, fork } from 'node:child_process'
import { z } from 'zod'

/** What a measured process has used since its start. */
export const USAGE = z.object({ cpuSeconds: z.number(), rssMiB: z.number() })

const ANSWER_MS = 120_000

/** Starts a program of ours as a child with a channel; it ends when this process ends. */
export const startChild = (file: string): ChildProcess =>
  fork(file, {
    execArgv: ['--conditions=react-server', '--import', 'tsx'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })

/** Sends a message and resolves with the first answer of the wanted shape; rejects after two minutes, or where the child ends. */
export function ask<T>(child: ChildProcess, message: unknown, shape: z.ZodType<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const over = (finish: () => void) => {
      clearTimeout(timer)
      child.off('message', onMessage)
      child.off('exit', onExit)
      finish()
    }
    const onMessage = (answer: unknown) => {
      const parsed = shape.safeParse(answer)
      if (parsed.success) over(() => resolve(parsed.data))
    }
    const onExit = () => over(() => reject(new Error('a process of the benchmark ended')))
    const timer = setTimeout(
      () => over(() => reject(new Error('a process of the benchmark did not answer'))),
      ANSWER_MS,
    )
    child.on('message', onMessage)
    child.once('exit', onExit)
    child.send(message as object)
  })
}
