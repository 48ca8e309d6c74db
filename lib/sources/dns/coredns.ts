import { hash } from 'node:crypto'
import { emptyDecodeResult } from '@/lib/model/decoded'
import { LIMITS } from '@/lib/model/limits'
import type { UnixMillis } from '@/lib/model/units'
import type { BatchDecoder, LineDecoder } from '@/lib/sources/decoder'
import { isRecord } from '@/lib/sources/framing/unwrap'
import { parseCorednsLine } from './coredns-line'
import { timeOfValue } from './log-time'

const MAX_LINE = LIMITS.textLineBytes
/** A wrapper may hold a record of another one; more is no log shipper's work. */
const MAX_WRAPPERS = 3
const TEXT_KEYS = ['log', 'message', 'line', 'msg', 'body'] as const
/** The runtime's own time before that of the shipper, which may be when it read the line. */
const TIME_KEYS = ['time', 'timestamp', '@timestamp', 'ts', 'date'] as const
const NO_TIME = 'neither the line nor its wrapper has a time: ship it as the container runtime wrote it'

/**
 * Decoder of CoreDNS' `log` lines, bare or as JSON of a log shipper: one question per query that was answered NOERROR for
 * an address of a name outside the cluster. The lines hold no answer. The time is the line's own, else the wrapper's; a
 * line without any is refused, since the time of receipt would join questions to the wrong connections.
 */
export function createCorednsDecoder(): LineDecoder & BatchDecoder {
  const out = emptyDecodeResult()

  const take = (text: string, wrapperMs: UnixMillis | undefined, line: number) => {
    if (text.length > MAX_LINE)
      return void out.rejects.push({ line, reason: 'line_too_long', detail: `longer than ${MAX_LINE} characters` })
    const parsed = parseCorednsLine(text)
    if ('ignore' in parsed) {
      out.ignored[parsed.ignore] = (out.ignored[parsed.ignore] ?? 0) + 1
      return
    }
    if ('reason' in parsed) return void out.rejects.push({ line, reason: parsed.reason, detail: parsed.detail })
    const { clientIp, clientPort, id, name, family } = parsed
    const atMs = parsed.atMs ?? wrapperMs
    if (atMs === undefined) return void out.rejects.push({ line, reason: 'missing_time', detail: NO_TIME })
    const recordKey = hash('sha256', JSON.stringify([clientIp, clientPort, id, family, name, atMs]), 'hex')
    out.dnsRecords.push({ kind: 'question', recordKey, line, atMs, clientIp, name, family })
  }

  const push = (value: unknown, line: number) => {
    const found = unwrapText(value)
    if (found) take(found.text, found.atMs, line)
    else out.rejects.push({ line, reason: 'not_an_object', detail: 'a wrapper without `log` or `message`' })
  }

  return {
    push,
    pushLine(line, n) {
      if (line.trim() === '') return
      const wrapper = line.trimStart().startsWith('{') ? parseJson(line) : undefined
      if (wrapper === undefined) take(line, undefined, n)
      else push(wrapper, n)
    },
    finish: () => out,
  }
}

/** The line inside a log shipper's JSON, with the innermost time that the wrappers tell. */
export function unwrapText(value: unknown): { readonly text: string; readonly atMs?: UnixMillis } | undefined {
  let current = value
  let atMs: UnixMillis | undefined
  for (let depth = 0; depth <= MAX_WRAPPERS; depth += 1) {
    if (typeof current === 'string') {
      const inner = current.trimStart().startsWith('{') ? parseJson(current) : undefined
      if (inner === undefined) return { text: current, ...(atMs !== undefined && { atMs }) }
      current = inner
    }
    if (!isRecord(current)) return undefined
    const holder = current
    const time = TIME_KEYS.map((key) => timeOfValue(holder[key])).find((ms) => ms !== undefined)
    atMs = time ?? atMs
    const key = TEXT_KEYS.find((name) => typeof holder[name] === 'string' || isRecord(holder[name]))
    if (!key) return undefined
    current = holder[key]
  }
  return undefined
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
