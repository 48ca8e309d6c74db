import { spawn } from 'node:child_process'

export interface CommandResult {
  readonly code: number
  /** The last megabyte of both streams, empty where the command printed directly. */
  readonly output: string
  /** The last megabyte of standard output alone. */
  readonly stdout: string
}

export interface CommandOptions {
  readonly cwd: string
  readonly env: NodeJS.ProcessEnv
  readonly timeoutMs: number
  /** True to print as it runs instead of collecting. */
  readonly isLive?: boolean
}

const MAX_OUTPUT = 1024 * 1024

/** Runs a Node program to its end, or kills it with its children after `timeoutMs`. Never rejects. */
export function runNode(args: readonly string[], options: CommandOptions): Promise<CommandResult> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, {
      cwd: options.cwd,
      env: options.env,
      stdio: options.isLive ? ['ignore', 'inherit', 'inherit'] : ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    let output = ''
    let stdout = ''
    const add = (text: string, chunk: Buffer): string => `${text}${chunk.toString()}`.slice(-MAX_OUTPUT)
    child.stdout?.on('data', (chunk: Buffer) => {
      stdout = add(stdout, chunk)
      output = add(output, chunk)
    })
    child.stderr?.on('data', (chunk: Buffer) => {
      output = add(output, chunk)
    })
    const stop = (): void => killGroup(child.pid)
    const timer = setTimeout(() => {
      output += `\nStopped after ${options.timeoutMs / 1000} s.`
      stop()
    }, options.timeoutMs)
    process.once('exit', stop)
    child.once('error', (error) => resolve({ code: 1, output: error.message, stdout }))
    child.once('close', (code) => {
      clearTimeout(timer)
      process.removeListener('exit', stop)
      resolve({ code: code ?? 1, output, stdout })
    })
  })
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It has ended already.
  }
}
