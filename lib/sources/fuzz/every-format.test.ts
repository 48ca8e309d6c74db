import { describe, expect, it } from 'vitest'
import type { DecodeResult } from '@/lib/model/decoded'
import { LIMITS } from '@/lib/model/limits'
import type { BatchDecoder, LineDecoder } from '../decoder'
import { JsonRecordSplitter } from '../framing/json-records'
import { SOURCE_FORMATS, type SourceFormatName } from '../registry'
import { accountedFor, faultsOf, pollution } from './faults'
import { hostileValue, mutateBytes, mutateText, mutateValue, pick, seededRandom } from './mutate'
import { LINE_SEEDS, VALUE_SEEDS } from './seeds'

const ROUNDS = 2_000
const BODIES = 150
const names = Object.keys(SOURCE_FORMATS) as SourceFormatName[]

const decoderOf = (name: SourceFormatName): Partial<BatchDecoder & LineDecoder> & Pick<BatchDecoder, 'finish'> =>
  SOURCE_FORMATS[name].createDecoder()

function decodeValues(name: SourceFormatName, values: readonly unknown[]): DecodeResult {
  const decoder = decoderOf(name)
  for (const [index, value] of values.entries()) decoder.push?.(value, index + 1)
  return decoder.finish()
}
function decodeLines(name: SourceFormatName, lines: readonly string[]): DecodeResult {
  const decoder = decoderOf(name)
  for (const [index, line] of lines.entries()) decoder.pushLine?.(line, index + 1)
  return decoder.finish()
}

/** Runs a decoder; what it throws, and what is wrong with what it made, fails the test with the input. */
function check(what: string, input: unknown, run: () => DecodeResult): DecodeResult {
  let result: DecodeResult
  try {
    result = run()
  } catch (error) {
    throw new Error(`${what} threw ${error instanceof Error ? error.stack : String(error)} for ${shown(input)}`)
  }
  const faults = faultsOf(result)
  if (faults.length > 0) throw new Error(`${what}: ${faults.join('; ')} for ${shown(input)}`)
  return result
}
const shown = (input: unknown): string => {
  const text = typeof input === 'string' ? JSON.stringify(input) : JSON.stringify(input)
  return text.length > 4000 ? `${text.slice(0, 4000)}…` : text
}

/** An empty list of a wrapper holds no records, and a blank line in a wrapper is a blank line. */
const EMPTY_LIST = /\\*"(?:Records|records|logEvents|entries|flows|items)\\*":\[\]/
const BLANK = /\\*"(?:message|log|line)\\*":\\*"(?:\s|\\+[nrt]|\\u000[bc])*(?:#[^"]*)?\\*"/
/** XML around `<flow>` elements, and a header of AWS' logs, are no records. */
const AROUND_XML =
  /^\s*(?:\S{1,64} (?:stdout|stderr) [FP] )?\s*(?:<\?xml[^<>]*\?>|<\/?conntrack\s*>|\[USERSPACE\][^<]*|\s)+$/
const COMMENT = /^\s*(?:#|$)/
const isHeader = (line: string): boolean =>
  line.split(/\s+/).every((word) => word === '' || /^\$?\{?[a-z][a-z0-9_-]+\}?$/i.test(word))

describe.each(names)('%s, whatever comes in', (name) => {
  const values = VALUE_SEEDS[name] ?? []
  const lines = LINE_SEEDS[name] ?? []

  it('has authored seeds, and they are read', () => {
    expect(values.length + lines.length).toBeGreaterThan(0)
    expect(accountedFor(decodeValues(name, values)) + accountedFor(decodeLines(name, lines))).toBeGreaterThan(0)
  })

  if (values.length > 0) {
    it('JSON: nothing throws, nothing is lost, nothing bad comes out', () => {
      const seed = 20_261_126
      const random = seededRandom(seed)
      for (let round = 0; round < ROUNDS; round += 1) {
        const value = random() < 0.02 ? hostileValue(random) : mutateValue(pick(random, values), values, random)
        const what = `seed ${seed}, round ${round}`
        const result = check(what, value, () => decodeValues(name, [value]))
        const text = shown(value)
        if (accountedFor(result) === 0 && !EMPTY_LIST.test(text) && !BLANK.test(text))
          throw new Error(`${what}: lost ${text}`)
      }
      expect(pollution()).toEqual([])
    })

    it('a bad record never costs its neighbours', () => {
      const random = seededRandom(5)
      for (let round = 0; round < BODIES; round += 1) {
        const batch = Array.from({ length: 8 }, () => mutateValue(pick(random, values), values, random))
        const together = check(`round ${round}`, batch, () => decodeValues(name, batch))
        const alone = batch.map((value) => decodeValues(name, [value]))
        const rejectsAlone = alone.flatMap(({ rejects }, index) => rejects.map((one) => ({ ...one, line: index + 1 })))
        expect(together.rejects, `round ${round}: ${shown(batch)}`).toEqual(rejectsAlone)
        expect(keysOf(together), `round ${round}: ${shown(batch)}`).toEqual(
          new Set(alone.flatMap((one) => [...keysOf(one)])),
        )
      }
    })

    it('bytes: framing and decoder together survive any body, however it is cut', () => {
      const random = seededRandom(3)
      const bodies = values.map((value) => Buffer.from(`${JSON.stringify(value)}\n${JSON.stringify(values[0])}\n`))
      for (let round = 0; round < BODIES; round += 1) {
        const body = mutateBytes(pick(random, bodies) ?? Buffer.alloc(0), bodies, random)
        const cut = Math.floor(random() * body.length)
        const pieces = [body.subarray(0, cut), body.subarray(cut)]
        const what = `round ${round}`
        const result = check(what, Buffer.from(body).toString('latin1'), () => decodeBody(name, pieces))
        expect(result, what).toEqual(decodeBody(name, [body]))
      }
      expect(pollution()).toEqual([])
    })
  }

  if (lines.length > 0) {
    it('lines: nothing throws, nothing is lost, nothing bad comes out', () => {
      const seed = 20_261_127
      const random = seededRandom(seed)
      for (let round = 0; round < ROUNDS * 2; round += 1) {
        const line = mutateText(pick(random, lines) ?? '', lines, random).replaceAll('\n', ' ')
        const what = `seed ${seed}, round ${round}`
        const result = check(what, line, () => decodeLines(name, [line]))
        const isNothing = () => COMMENT.test(line) || isHeader(line) || AROUND_XML.test(line) || BLANK.test(shown(line))
        if (accountedFor(result) === 0 && !isNothing()) throw new Error(`${what}: lost ${shown(line)}`)
      }
      expect(pollution()).toEqual([])
    })

    it('many bad lines in one body do the same', () => {
      const random = seededRandom(9)
      for (let round = 0; round < BODIES; round += 1) {
        const body = Array.from({ length: 12 }, () => mutateText(pick(random, lines) ?? '', lines, random))
        check(`round ${round}`, body, () => decodeLines(name, body))
      }
    })
  }
})

const keysOf = ({ flows, natRecords, dnsRecords }: DecodeResult): Set<string> =>
  new Set([...flows, ...natRecords, ...dnsRecords].map(({ recordKey }) => recordKey))

function decodeBody(name: SourceFormatName, pieces: readonly Uint8Array[]): DecodeResult {
  const decoder = decoderOf(name)
  const splitter = new JsonRecordSplitter({ maxRecordBytes: LIMITS.recordBytes, maxDepth: LIMITS.nesting })
  const framed = [...pieces.flatMap((piece) => splitter.push(piece)), ...splitter.end()]
  const rejects = framed.flatMap((one) => ('reject' in one ? [one.reject] : []))
  for (const one of framed) if ('value' in one) decoder.push?.(one.value, one.line)
  const result = decoder.finish()
  return { ...result, rejects: [...rejects, ...result.rejects] }
}
