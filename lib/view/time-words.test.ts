import { describe, expect, it } from 'vitest'
import type { EdgeDifference, EdgeSums, SourceSilence } from '@/lib/model/comparison'
import {
  clockText,
  differenceWords,
  frameWords,
  keptWords,
  markSentence,
  silenceWords,
  uncoveredWords,
} from './time-words'
import { windowWords } from './window-words'

const AT = new Date(2026, 10, 24, 14, 2, 7).getTime()
const SILENT: SourceSilence = { source: 'hubble', cluster: 'prod', kind: 'silent', fromMs: AT, toMs: AT + 60_000 }
const sums = (part: Partial<EdgeSums> = {}, connections = 10): EdgeSums => ({
  state: 'allowed_by_policy',
  passed: connections,
  denied: 0,
  wouldBeDenied: 0,
  dropped: 0,
  counters: { connections, events: 0, requests: 0, requestErrors: 0, spans: 0, bytesSent: 2048, bytesReceived: 0 },
  ...part,
})
const difference = (part: Partial<EdgeDifference>): EdgeDifference => ({
  edgeId: '1',
  kind: 'added',
  client: 'a',
  server: 'b',
  serverPort: 443,
  protocol: 'TCP',
  cluster: 'prod',
  uncovered: [],
  ...part,
})

describe('words of time', () => {
  it('a moment names its day where it is another than the one beside it', () => {
    expect(clockText(AT, AT)).toBe('14:02:07')
    expect(clockText(AT, AT, false)).toBe('14:02')
    expect(clockText(AT, AT + 86_400_000)).toBe('11-24 14:02:07')
    expect(clockText(AT, AT + 366 * 86_400_000)).toBe('2026-11-24 14:02:07')
  })

  it('what happened is a sentence', () => {
    const where = { atMs: AT, cluster: 'prod' }
    expect(
      markSentence({
        ...where,
        kind: 'deny',
        edgeId: '1',
        client: 'ml / agent',
        server: 'data / vault',
        serverPort: 8200,
      }),
    ).toBe('ml / agent → data / vault, port 8200: first denial of the window.')
    const policy = {
      ...where,
      kind: 'policy',
      policyKind: 'NetworkPolicy',
      namespace: 'ml',
      tier: '',
      name: 'p',
    } as const
    expect(markSentence({ ...policy, change: 'changed' })).toBe('NetworkPolicy ml/p was changed.')
    expect(markSentence({ ...policy, change: 'known' })).toBe(
      'NetworkPolicy ml/p became known; it may have been so before.',
    )
  })

  it('a source that said nothing, was not heard of, or lost records is told apart', () => {
    expect(silenceWords(SILENT)).toBe('hubble prod said nothing')
    expect(silenceWords({ ...SILENT, kind: 'unheard', hop: 'nat' })).toBe('hubble prod/nat had not been heard of')
    expect(silenceWords({ ...SILENT, kind: 'loss', lost: 12, reason: 'ring buffer' })).toBe(
      'hubble prod lost 12 records (ring buffer)',
    )
    expect(silenceWords({ ...SILENT, kind: 'loss' })).toBe('hubble prod lost records, it does not say how many')
  })

  it('what is not kept is said, the coarsest first', () => {
    const window = { fromMs: AT }
    expect(keptWords(window, { slotsMs: AT - 1 }, AT)).toBeUndefined()
    expect(keptWords(window, { slotsMs: AT + 60_000 }, AT)).toBe('Before 14:03 only sums per minute are kept.')
    expect(keptWords(window, { slotsMs: AT + 60_000, hoursMs: AT + 60_000 }, AT)).toBe(
      'Nothing is kept from before 14:03.',
    )
  })

  it('a change says from what to what', () => {
    expect(differenceWords(difference({ after: sums() }))).toBe('Allowed, 10 passed, 0 denied')
    expect(
      differenceWords(difference({ kind: 'verdict', before: sums(), after: sums({ state: 'denied_by_rule' }) })),
    ).toBe('Allowed → Denied')
    expect(
      differenceWords(
        difference({ kind: 'volume', before: sums(), after: sums({}, 35), factor: 3.5, unit: 'connections' }),
      ),
    ).toBe('3.5 × the connections: 10 → 35')
    expect(
      differenceWords(difference({ kind: 'volume', before: sums(), after: sums(), factor: 0.1, unit: 'bytes' })),
    ).toBe('1/10 of the bytes: 2.0 KiB → 2.0 KiB')
  })

  it('an edge that nobody could have seen is not said to be gone', () => {
    expect(uncoveredWords(difference({}))).toBeUndefined()
    expect(uncoveredWords(difference({ kind: 'removed', uncovered: [SILENT, SILENT] }))).toBe(
      'Not seen in this window, which proves nothing: hubble prod said nothing 14:02:07–14:03:07 and 1 more.',
    )
  })

  it('frames and windows have their length in words', () => {
    expect([15_000, 60_000, 7_200_000, 86_400_000].map((stepMs) => frameWords({ stepMs }))).toEqual([
      '15 s',
      '60 s',
      '2 h',
      '1 d',
    ])
    expect(windowWords({ from: 'now-1d/d', to: 'now-1d/d', zone: 'Europe/Berlin' }, AT)).toBe(
      'yesterday (Europe/Berlin)',
    )
    expect(windowWords({ from: 'now-3M', to: 'now' }, AT)).toBe('the last 3 months')
    expect(windowWords({ from: 'now-1h', to: 'now' }, AT)).toBe('the last hour')
    expect(windowWords({ from: 'constructor', to: '' }, 0)).toBe('1970-01-01 00:00:00 UTC to 1970-01-01 00:00:00 UTC')
  })
})
