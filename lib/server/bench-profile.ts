import { Session } from 'node:inspector/promises'
import pg from 'pg'
import { z } from 'zod'

/** A statement's share of a job. `ms` is from the call to its answer, waits included; statements of parallel transactions add up. */
export const statementTime = z.object({ text: z.string(), calls: z.number(), ms: z.number() })
export type StatementTime = z.infer<typeof statementTime>

const TEXT_CHARS = 90
const SHOWN = 15

/** Clocks every statement of this process from now on; the function answers them, the longest first. */
export function clockStatements(): () => StatementTime[] {
  const times = new Map<string, { calls: number; ms: number }>()
  const { query } = pg.Client.prototype
  const clocked = function (this: pg.Client, ...args: unknown[]): unknown {
    const start = performance.now()
    const answer: unknown = Reflect.apply(query, this, args)
    if (!(answer instanceof Promise)) return answer
    const text = textOf(args[0])
    const done = (): void => {
      const time = times.get(text) ?? { calls: 0, ms: 0 }
      times.set(text, { calls: time.calls + 1, ms: time.ms + performance.now() - start })
    }
    answer.then(done, done)
    return answer
  }
  Object.defineProperty(pg.Client.prototype, 'query', { value: clocked, configurable: true, writable: true })
  return () => [...times].map(([text, time]) => ({ text, ...time })).sort((a, b) => b.ms - a.ms)
}

/** The beginning of a statement, in one line; a query with a name by its name. */
function textOf(given: unknown): string {
  if (typeof given === 'object' && given !== null && 'name' in given && typeof given.name === 'string')
    return given.name
  const text =
    typeof given === 'string'
      ? given
      : typeof given === 'object' && given !== null && 'text' in given && typeof given.text === 'string'
        ? given.text
        : 'COPY'
  return text.replace(/\s+/g, ' ').trim().slice(0, TEXT_CHARS)
}

/** Statements as a table: milliseconds in all, calls, milliseconds a call. */
export function statementTable(statements: readonly StatementTime[]): string {
  const total = statements.reduce((sum, { ms }) => sum + ms, 0)
  return statements
    .slice(0, SHOWN)
    .map(
      ({ text, calls, ms }) =>
        `${percent(ms, total)}  ${Math.round(ms).toString().padStart(8)} ms  ${String(calls).padStart(7)} calls  ${(ms / calls).toFixed(2).padStart(8)} ms each  ${text}`,
    )
    .join('\n')
}

const profileOf = z.object({
  profile: z.object({
    nodes: z.array(
      z.object({
        id: z.number(),
        callFrame: z.object({ functionName: z.string(), url: z.string(), lineNumber: z.number() }),
      }),
    ),
    samples: z.array(z.number()),
    timeDeltas: z.array(z.number()),
  }),
})

/** Records this thread's CPU from now on; the function ends it, and answers the profile as Node writes it to a `.cpuprofile`. */
export async function recordCpu(): Promise<() => Promise<string>> {
  const session = new Session()
  session.connect()
  await session.post('Profiler.enable')
  await session.post('Profiler.start')
  return async () => {
    const { profile } = await session.post('Profiler.stop')
    session.disconnect()
    return JSON.stringify(profile)
  }
}

/** Waiting, and what the recording itself costs when it begins and ends. */
const NOT_WORK = new Set(['(idle)', 'dispatch'])

/** Functions by the time spent in themselves, as a table, without what is no work. */
export function functionTable(profile: string): string {
  const { nodes, samples, timeDeltas } = profileOf.parse({ profile: JSON.parse(profile) }).profile
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]))
  const times = new Map<string, number>()
  let busyMs = 0
  for (const [index, id] of samples.entries()) {
    const name = names.get(id) ?? ''
    const ms = (timeDeltas[index] ?? 0) / 1000
    if (NOT_WORK.has(name)) continue
    busyMs += ms
    times.set(name, (times.get(name) ?? 0) + ms)
  }
  return [...times]
    .sort(([, a], [, b]) => b - a)
    .slice(0, SHOWN * 2)
    .map(([name, ms]) => `${percent(ms, busyMs)}  ${Math.round(ms).toString().padStart(8)} ms  ${name}`)
    .join('\n')
}

function nameOf({ functionName, url, lineNumber }: { functionName: string; url: string; lineNumber: number }): string {
  const place = url.split('/').slice(-3).join('/')
  return `${functionName || '(anonymous)'}${place && ` ${place}:${lineNumber + 1}`}`
}

const percent = (part: number, whole: number): string => `${((part / whole) * 100).toFixed(1).padStart(5)} %`
