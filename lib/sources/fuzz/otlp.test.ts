import { describe, expect, it } from 'vitest'
import { isAppError } from '@/lib/errors'
import { decodeOtlpTraces } from '../otlp/decode'
import { decodeOtlpLogs } from '../otlp/decode-logs'
import { countDataPoints } from '../otlp/metrics-count'
import { faultsOf, impostors, pollution } from './faults'
import { mutateBytes, mutateValue, pick, type Random, seededRandom } from './mutate'
import {
  LogsRequest,
  MetricsRequest,
  readLogs,
  readTraces,
  referenceDataPoints,
  referenceLogs,
  referenceTraces,
  TraceRequest,
} from './otlp-reference'
import { LOG_SEEDS, METRIC_SEEDS, TRACE_SEEDS } from './seeds'

const PROTOBUF_ROUNDS = 6_000
const JSON_ROUNDS = 2_500

const bytesOf = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value) ?? '')
/** Ids in OTLP/JSON are hex, where protobufjs takes base64. */
const withBase64Ids = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value).replace(
      /"(traceId|spanId|parentSpanId)":"([0-9a-f]*)"/g,
      (_all, key: string, hex: string) => `"${key}":"${Buffer.from(hex, 'hex').toString('base64')}"`,
    ),
  )

type Outcome<T> = { readonly value: T } | { readonly error: unknown }
function outcome<T>(run: () => T): Outcome<T> {
  try {
    return { value: run() }
  } catch (error) {
    return { error }
  }
}

/** Fails where one reads what the other does not, or another value: but for invalid UTF-8, which we replace, and groups. */
function expectAgreement<T>(what: string, ours: Outcome<T>, theirs: Outcome<unknown>): boolean {
  if ('error' in ours && !isAppError(ours.error)) throw new Error(`${what}: threw ${String(ours.error)}`)
  if ('value' in ours && 'value' in theirs) {
    expect(ours.value, what).toEqual(theirs.value)
    return true
  }
  if ('error' in ours && 'value' in theirs) expect(String(ours.error), what).toMatch(/wire type [3467]/)
  if ('value' in ours && 'error' in theirs)
    expect(String(theirs.error), `${what}: read, although protobufjs refuses it`).toMatch(
      /not valid for encoding utf-8/,
    )
  return false
}

interface Reading {
  /** Whether values are plain JSON, or the maps and big integers that spans are read into. */
  readonly isPlain: boolean
  readonly seeds: readonly Uint8Array[]
  readonly ours: (body: Uint8Array) => unknown
  readonly reference: (body: Uint8Array) => unknown
  readonly decode: (body: Uint8Array) => unknown
}
const encode = (type: typeof TraceRequest, seeds: readonly unknown[]): Uint8Array[] =>
  seeds.map((seed) => Uint8Array.from(type.encode(type.fromObject(Object(seed))).finish()))

const withoutFlaws = (body: Uint8Array) =>
  readTraces(body).map(({ span, ...rest }) => ({ ...rest, span: { ...span, flaw: undefined } }))
/** Data points are bytes, and kinds repeated: the reference only counts. */
const OPAQUE_METRICS: readonly unknown[] = [
  {
    resourceMetrics: [
      {
        scopeMetrics: [
          {
            metrics: ['gauge', 'sum', 'histogram', 'exponentialHistogram', 'summary'].map((kind) => ({
              [kind]: [{ dataPoints: ['AQID', 'BA=='] }],
            })),
          },
        ],
      },
    ],
  },
]

const READINGS: Readonly<Record<string, Reading>> = {
  traces: {
    isPlain: false,
    seeds: encode(TraceRequest, TRACE_SEEDS.map(withBase64Ids)),
    ours: withoutFlaws,
    reference: referenceTraces,
    decode: (body) => decodeOtlpTraces(body, 'protobuf'),
  },
  logs: {
    isPlain: true,
    seeds: encode(LogsRequest, LOG_SEEDS),
    ours: readLogs,
    reference: referenceLogs,
    decode: (body) => decodeOtlpLogs(body, 'protobuf').rejects,
  },
  metrics: {
    isPlain: true,
    seeds: encode(MetricsRequest, OPAQUE_METRICS),
    ours: (body) => countDataPoints(body, 'protobuf'),
    reference: referenceDataPoints,
    decode: (body) => countDataPoints(body, 'protobuf'),
  },
}

describe.each(Object.entries(READINGS))('OTLP %s in protobuf', (_name, { isPlain, seeds, ours, reference, decode }) => {
  it('is read as protobufjs reads it, body by mutated body; what it refuses is refused', () => {
    const seed = 20_261_126
    const random = seededRandom(seed)
    let agreed = 0
    for (let round = 0; round < PROTOBUF_ROUNDS; round += 1) {
      const body = mutateBytes(pick(random, seeds) ?? new Uint8Array(), seeds, random)
      const what = `seed ${seed}, round ${round}: ${Buffer.from(body).toString('hex')}`
      const got = outcome(() => ours(body))
      if (
        expectAgreement(
          what,
          got,
          outcome(() => reference(body)),
        )
      )
        agreed += 1
      if (isPlain && 'value' in got) expect(impostors(got.value), what).toEqual([])
      const decoded = outcome(() => decode(body))
      if ('error' in decoded && !isAppError(decoded.error)) throw new Error(`${what} threw ${String(decoded.error)}`)
      if ('error' in got && 'value' in decoded) throw new Error(`${what}: decoded, although it is corrupt`)
      if ('value' in decoded) expect(faultsOf(decoded.value), what).toEqual([])
    }
    expect(agreed).toBeGreaterThan(PROTOBUF_ROUNDS / 20)
    expect(pollution()).toEqual([])
  })

  it('is corrupt wherever it is cut within a field', () => {
    const body = pick(() => 0, seeds) ?? new Uint8Array()
    for (let length = 0; length < body.length; length += 1) {
      const cut = body.subarray(0, length)
      expectAgreement(
        `cut at ${length}`,
        outcome(() => ours(cut)),
        outcome(() => reference(cut)),
      )
    }
  })
})

describe('OTLP in JSON, whatever comes in', () => {
  const mutated = (seeds: readonly unknown[], random: Random): Uint8Array => {
    const value = mutateValue(pick(random, seeds), seeds, random)
    return random() < 0.2 ? mutateBytes(bytesOf(value), seeds.map(bytesOf), random) : bytesOf(value)
  }
  const run = (seeds: readonly unknown[], decode: (body: Uint8Array) => unknown): void => {
    const seed = 20_261_128
    const random = seededRandom(seed)
    for (let round = 0; round < JSON_ROUNDS; round += 1) {
      const body = mutated(seeds, random)
      const what = `seed ${seed}, round ${round}`
      const got = outcome(() => decode(body))
      if ('error' in got) {
        if (!isAppError(got.error)) throw new Error(`${what}: ${String(got.error)} for ${Buffer.from(body)}`)
      } else expect(faultsOf(got.value), `${what}: ${Buffer.from(body).toString().slice(0, 4000)}`).toEqual([])
    }
    expect(pollution()).toEqual([])
  }

  it('traces: every span is accepted, refused or ignored, and only AppErrors are thrown', () => {
    run(TRACE_SEEDS, (body) => {
      const { spans, total, rejected, ignored, ...rest } = decodeOtlpTraces(body, 'json')
      expect(spans.length + rejected + (ignored.internal_span ?? 0)).toBe(total)
      return { spans, ...rest }
    })
  })

  it('logs: every record is found or refused, and only AppErrors are thrown', () => {
    run(LOG_SEEDS, (body) => {
      const { records, rejects, total } = decodeOtlpLogs(body, 'json')
      expect(records.length + rejects.length).toBe(total)
      return rejects
    })
  })

  it('metrics: the count is a whole number', () => {
    run(METRIC_SEEDS, (body) => {
      const count = countDataPoints(body, 'json')
      expect(Number.isSafeInteger(count) && count >= 0).toBe(true)
      return count
    })
  })
})
