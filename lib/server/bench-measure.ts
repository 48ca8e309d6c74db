import { readFileSync } from 'node:fs'

/** CPU and memory of one process, so far. */
export interface Usage {
  readonly cpuSeconds: number
  readonly rssMiB: number
  /** The most that it ever had. */
  readonly peakMiB: number
}

const MIB = 1024 * 1024
/** What Linux counts CPU time of other processes in. */
const TICKS_PER_SECOND = 100

/** Of this process. */
export function ownUsage(): Usage {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage()
  return {
    cpuSeconds: (userCPUTime + systemCPUTime) / 1e6,
    rssMiB: process.memoryUsage().rss / MIB,
    peakMiB: maxRSS / 1024,
  }
}

/** Of another process of this machine, as Linux tells it; NaN where it does not. */
export function usageOf(pid: number): Usage {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // Behind the name, which may hold anything: utime and stime are the 14th and 15th field.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    const kib = (name: string): number =>
      Number(new RegExp(`^${name}:\\s*(\\d+) kB`, 'm').exec(status)?.[1] ?? Number.NaN)
    return {
      cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND,
      rssMiB: kib('VmRSS') / 1024,
      peakMiB: kib('VmHWM') / 1024,
    }
  } catch {
    return { cpuSeconds: Number.NaN, rssMiB: Number.NaN, peakMiB: Number.NaN }
  }
}

/** The value that `share` of the values do not exceed; NaN of none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

/** Milliseconds of each of `runs` runs, after `warm` that are not counted. */
export async function millisecondsOf(run: () => Promise<unknown>, runs: number, warm: number): Promise<number[]> {
  const times: number[] = []
  for (let index = 0; index < warm + runs; index += 1) {
    const start = performance.now()
    await run()
    if (index >= warm) times.push(performance.now() - start)
  }
  return times
}
