export const BENCH_HALVES = ['decode', 'ingest', 'storage', 'query', 'live'] as const
export type BenchHalf = (typeof BENCH_HALVES)[number]

export interface BenchOptions {
  /** Flows that the storage half fills. Everything else is scaled from it, within bounds. */
  readonly flows: number
  readonly halves: ReadonlySet<BenchHalf>
  readonly isJson: boolean
  /** Where CPU profiles of the measured processes go. */
  readonly profileDir?: string
  /** False leaves out what needs the built application. */
  readonly hasRoute: boolean
}

const FULL_FLOWS = 10_000_000
const QUICK_FLOWS = 500_000
const FEWEST_FLOWS = 10_000

/** Arguments of `npm run bench`. Throws an error that says what is wrong. */
export function benchOptions(args: readonly string[]): BenchOptions {
  const known = ['--flows', '--only', '--profile', '--quick', '--json', '--no-route']
  const argument = (name: string): string | undefined => {
    const at = args.indexOf(name)
    if (at < 0) return undefined
    const value = args[at + 1]
    if (value === undefined || value.startsWith('--')) throw new Error(`${name} wants a value`)
    return value
  }
  const stranger = args.find((arg) => arg.startsWith('--') && !known.includes(arg))
  if (stranger !== undefined) throw new Error(`${stranger} is unknown; known are ${known.join(', ')}`)
  const flows = Number(argument('--flows') ?? (args.includes('--quick') ? QUICK_FLOWS : FULL_FLOWS))
  if (!Number.isInteger(flows) || flows < FEWEST_FLOWS)
    throw new Error(`--flows wants a whole number of at least ${FEWEST_FLOWS}`)
  const profileDir = argument('--profile')
  return {
    flows,
    halves: halvesOf(argument('--only')),
    isJson: args.includes('--json'),
    hasRoute: !args.includes('--no-route'),
    ...(profileDir !== undefined && { profileDir }),
  }
}

function halvesOf(only: string | undefined): ReadonlySet<BenchHalf> {
  if (only === undefined) return new Set(BENCH_HALVES)
  const names = only.split(',')
  const halves = BENCH_HALVES.filter((half) => names.includes(half))
  if (halves.length !== names.length) throw new Error(`--only wants some of ${BENCH_HALVES.join(', ')}`)
  return new Set(halves)
}
