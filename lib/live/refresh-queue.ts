import 'server-only'

/** Work that is wanted again and again; the queue keeps the rest of its state here. */
export interface RefreshJob {
  run(): Promise<void>
}

interface State {
  isWanted: boolean
  isRunning: boolean
  /** Not started again before. */
  restsUntilMs: number
}

/** After a run a job rests this many times as long as the run took: a heavy one takes at most a third of a connection. */
const REST_FACTOR = 2
/** The longest rest, which bounds how old a view can become by resting. */
const LONGEST_REST_MS = 10_000

/**
 * Runs jobs when they are wanted: at most `parallel` at a time and each at most once at a time, in the order in which they were
 * wanted, so that none starves; what is wanted several times before it starts runs once.
 */
export class RefreshQueue {
  private readonly states = new WeakMap<RefreshJob, State>()
  private readonly waiting = new Set<RefreshJob>()
  private running = 0

  constructor(private readonly parallel: number) {}

  /** The job runs once more, from now on: a run that has begun does not count. */
  want(job: RefreshJob): void {
    const state = this.stateOf(job)
    if (state.isWanted) return
    state.isWanted = true
    if (!state.isRunning) this.enqueue(job, state)
  }

  private stateOf(job: RefreshJob): State {
    const state = this.states.get(job) ?? { isWanted: false, isRunning: false, restsUntilMs: 0 }
    this.states.set(job, state)
    return state
  }

  private enqueue(job: RefreshJob, state: State): void {
    const restMs = state.restsUntilMs - Date.now()
    const add = () => {
      this.waiting.add(job)
      this.startNext()
    }
    if (restMs <= 0) add()
    else setTimeout(add, restMs).unref()
  }

  private startNext(): void {
    for (const job of this.waiting) {
      if (this.running >= this.parallel) return
      this.waiting.delete(job)
      void this.run(job, this.stateOf(job))
    }
  }

  /** A run that fails is over all the same: whoever wants it again says so. */
  private async run(job: RefreshJob, state: State): Promise<void> {
    this.running += 1
    state.isWanted = false
    state.isRunning = true
    const startMs = Date.now()
    await job.run().catch(() => undefined)
    const endMs = Date.now()
    // A clock that is set back must not make it rest for ever.
    const tookMs = Math.max(0, endMs - startMs)
    state.restsUntilMs = endMs + Math.min(LONGEST_REST_MS, tookMs * REST_FACTOR)
    state.isRunning = false
    this.running -= 1
    if (state.isWanted) this.enqueue(job, state)
    this.startNext()
  }
}
