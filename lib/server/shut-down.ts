const LIMIT_MS = 60_000

/** Ends what was started, last first, exactly once, whatever asked for it first; then ends the process. */
export class ShutDown {
  private readonly controller = new AbortController()
  private steps: (() => Promise<void>)[] = []

  /** Given as soon as the end has begun. */
  get signal(): AbortSignal {
    return this.controller.signal
  }

  add(step: () => Promise<void>): void {
    this.steps.push(step)
  }

  /** `exitCode` is that of a process that a signal ends. */
  onSignals(exitCode = 0): void {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.on(signal, () => {
        // npm hands on a Ctrl-C that this process got from the terminal already.
        if (!this.signal.aborted) void this.run(exitCode, 'Stopping …')
      })
  }

  async run(exitCode: number, reason: string): Promise<void> {
    if (this.signal.aborted) return
    this.controller.abort()
    console.error(reason)
    await this.runSteps()
    process.exit(exitCode)
  }

  /** Only the steps, for a process that has more to say afterwards. */
  async runSteps(): Promise<void> {
    setTimeout(() => process.exit(1), LIMIT_MS).unref()
    const steps = this.steps.reverse()
    this.steps = []
    for (const step of steps) await step().catch((error: unknown) => console.error('While stopping:', error))
  }
}
