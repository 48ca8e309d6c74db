import { readFileSync } from 'node:fs'
import path from 'node:path'
import protobuf from 'protobufjs'
import { describe, expect, it } from 'vitest'
import type { DecodeResult } from '@/lib/model/decoded'
import { createCalicoDecoder } from '@/lib/sources/calico/decode'
import { isRecord } from '@/lib/sources/framing/unwrap'
import { accountedFor, faultsOf, pollution } from '@/lib/sources/fuzz/faults'
import { mutateBytes, pick, seededRandom } from '@/lib/sources/fuzz/mutate'
import { VALUE_SEEDS } from '@/lib/sources/fuzz/seeds'
import { createHubbleDecoder } from '@/lib/sources/hubble/decode'
import { recordFromProtobuf } from '@/lib/sources/hubble/from-protobuf'
import { decodeMessages } from './calico/goldmane-run'
import { decodeMessage, GOLDMANE } from './calico/protocol'
import { encodeResponse } from './hubble/encode-response'
import { OBSERVER } from './hubble/protocol'

type Wire = Readonly<Record<string, unknown>>

const ROUNDS = 6_000
const here = (file: string): string => path.join(import.meta.dirname, file)
const AS_JSON = { longs: String, enums: String, bytes: String } as const

// protobufjs 8 with the .proto files themselves: another library than the one that collectors read with (7, in proto-loader).
const goldmane = protobuf
  .parse(readFileSync(here('calico/proto/goldmane.proto'), 'utf8'), { keepCase: true })
  .root.lookupType('goldmane.FlowResult')
function observerRoot(): protobuf.Root {
  const root = new protobuf.Root()
  root.resolvePath = (_origin, target) =>
    target.startsWith('google/protobuf') ? target : here(`hubble/proto/${target.replace(here('hubble/proto/'), '')}`)
  return root.loadSync(here('hubble/proto/observer/observer.proto'), { keepCase: true })
}
const response = observerRoot().lookupType('observer.GetFlowsResponse')

/** protojson of what protobufjs decoded, written down once more: RFC 3339 times, and wrappers as their value. */
function protojson(message: Wire): Wire {
  const out: Record<string, unknown> = { ...message, ...timesOf(message, 'time') }
  if (isRecord(message.flow)) {
    const { is_reply: isReply, ...flow } = message.flow
    out.flow = { ...flow, ...timesOf(flow, 'time'), ...(isRecord(isReply) && { is_reply: isReply.value === true }) }
  }
  if (isRecord(message.lost_events))
    out.lost_events = { ...message.lost_events, ...timesOf(message.lost_events, 'first', 'last') }
  return out
}
function timesOf(message: Wire, ...keys: readonly string[]): Wire {
  const out: Record<string, unknown> = {}
  for (const key of keys) {
    const stamp = message[key]
    if (!isRecord(stamp)) continue
    const [seconds, nanos] = [BigInt(String(stamp.seconds ?? 0)), Number(stamp.nanos ?? 0)]
    const isTime = seconds >= -62_135_596_800n && seconds <= 253_402_300_799n && nanos >= 0 && nanos < 1e9
    out[key] = isTime
      ? `${new Date(Number(seconds) * 1000).toISOString().slice(0, 19)}.${String(nanos).padStart(9, '0')}Z`
      : undefined
  }
  return out
}

function decodeHubble(record: unknown): DecodeResult {
  const decoder = createHubbleDecoder()
  decoder.push(record, 1)
  return decoder.finish()
}
function decodeCalico(record: unknown): DecodeResult {
  const decoder = createCalicoDecoder()
  decoder.push(record, 1)
  return decoder.finish()
}

type Outcome = { readonly value: unknown } | { readonly error: unknown }
function outcome(run: () => unknown): Outcome {
  try {
    return { value: run() }
  } catch (error) {
    return { error }
  }
}

/** What the reference decodes and what it refuses; invalid UTF-8, which version 8 refuses and 7 replaces, is no difference. */
const isInvalidUtf8 = ({ error }: { readonly error: unknown }): boolean => /utf-8/i.test(String(error))
/** Groups, and fields of a wire type that is not theirs, protobufjs 8 skips: no sender of these protocols writes them. */
const isRefused = (ours: unknown, theirs: Outcome): boolean =>
  'error' in theirs || /wire type \d/.test(String(isRecord(ours) && 'error' in ours ? ours.error : ours))
/** Texts of times differ in trailing zeros only; keys that are hashes of them, where a record has no uuid, differ too. */
const comparable = (result: DecodeResult): string =>
  JSON.stringify(result, (key, value: unknown) =>
    key === 'recordKey' || key === 'time'
      ? undefined
      : typeof value === 'number'
        ? Number(value.toPrecision(15))
        : value,
  )

const events = (VALUE_SEEDS.hubble ?? []).flatMap((value) => {
  const isEvent = isRecord(value) && ['flow', 'lost_events', 'node_status'].some((key) => isRecord(value[key]))
  const bytes = isRecord(value) && isEvent ? outcome(() => encodeResponse(value)) : { error: 'no event' }
  return 'value' in bytes && bytes.value instanceof Uint8Array ? [Uint8Array.from(bytes.value)] : []
})
const flowResults = [
  ...['flow-result.binpb', 'flow-result-newer.binpb'].map((name) => here(`../sources/calico/__fixtures__/${name}`)),
].map((file) => Uint8Array.from(readFileSync(file)))

describe('protobuf of collectors, whatever comes in', () => {
  it('Hubble: mutated messages mean what their protojson means, and what is corrupt is refused', () => {
    expect(events.length).toBeGreaterThan(15)
    const seed = 20_261_126
    const random = seededRandom(seed)
    let agreed = 0
    for (let round = 0; round < ROUNDS; round += 1) {
      const bytes = Buffer.from(mutateBytes(pick(random, events) ?? Buffer.alloc(0), events, random))
      const why = `seed ${seed}, round ${round}: ${bytes.toString('hex')}`
      const ours = outcome(() => OBSERVER.getFlows.responseDeserialize(bytes))
      const theirs = outcome(() => response.toObject(response.decode(bytes), AS_JSON))
      if ('value' in ours) {
        const result = decodeHubble(recordFromProtobuf(ours.value))
        expect(faultsOf(result), why).toEqual([])
        expect(accountedFor(result), why).toBeGreaterThan(0)
        if ('error' in theirs) expect(isInvalidUtf8(theirs), `${why}: read, though ${theirs.error}`).toBe(true)
        else if (isRecord(theirs.value)) {
          expect(comparable(result), why).toBe(comparable(decodeHubble(protojson(theirs.value))))
          agreed += 1
        }
      } else expect(isRefused(ours.error, theirs), `${why}: refused, though protobufjs 8 reads it`).toBe(true)
    }
    expect(agreed).toBeGreaterThan(ROUNDS / 20)
    expect(pollution()).toEqual([])
  })

  it('Goldmane: mutated messages mean what their protojson means; a corrupt one is one reject', () => {
    const read = decodeMessage(GOLDMANE.stream.responseDeserialize)
    const seed = 20_261_127
    const random = seededRandom(seed)
    let agreed = 0
    for (let round = 0; round < ROUNDS; round += 1) {
      const bytes = Buffer.from(mutateBytes(pick(random, flowResults) ?? Buffer.alloc(0), flowResults, random))
      const why = `seed ${seed}, round ${round}: ${bytes.toString('hex')}`
      const message = read(bytes)
      const result = decodeMessages([message])
      expect(faultsOf(result), why).toEqual([])
      expect(accountedFor(result), why).toBe(1)
      const theirs = outcome(() => goldmane.toObject(goldmane.decode(bytes), AS_JSON))
      if (message.value === undefined)
        expect(
          isRefused(
            outcome(() => GOLDMANE.stream.responseDeserialize(bytes)),
            theirs,
          ),
          `${why}: refused, though protobufjs 8 reads it`,
        ).toBe(true)
      else if ('error' in theirs) expect(isInvalidUtf8(theirs), `${why}: read, though ${theirs.error}`).toBe(true)
      else {
        expect(result, why).toEqual(decodeCalico(theirs.value))
        agreed += 1
      }
    }
    expect(agreed).toBeGreaterThan(ROUNDS / 20)
    expect(pollution()).toEqual([])
  })
})
