import { describe, expect, it } from 'vitest'
import type { Channel, Delivery } from '@/lib/model/notification'
import { deliverySentence, filterSentence, testSentence } from './notification-words'

const CHANNEL: Channel = {
  id: 'c',
  name: 'n',
  kind: 'slack',
  shownUrl: 'https://hooks.example',
  hasSecret: false,
  isSealed: true,
  isEnabled: true,
  createdMs: 0,
  waiting: 0,
  dropped: 0,
  minSeverity: 'high',
  detectors: [],
  clusters: [],
  withPossible: false,
  sendResolved: true,
}
const DELIVERY: Delivery = { id: 'd', isTest: false, state: 'sent', what: [], createdMs: 0, attempts: 1 }

describe('words of notifications', () => {
  it('say what a channel is told of', () => {
    expect(filterSentence(CHANNEL)).toBe('Findings of severity high and worse')
    expect(
      filterSentence({
        ...CHANNEL,
        minSeverity: 'critical',
        detectors: ['D0', 'D2'],
        clusters: ['a'],
        withPossible: true,
        sendResolved: false,
      }),
    ).toBe('Critical findings, of D0, D2, in a, possible ones too, not when it is over')
  })

  it('say what came of a test', () => {
    const outcome = { tookMs: 12.4, answer: 'no_service', isRefused: false }
    expect(testSentence({ ...outcome, isSent: true, status: 200 })).toBe('Sent: it answered 200 in 12 ms.')
    expect(testSentence({ ...outcome, isSent: false, status: 404 })).toBe(
      'Not taken: it answered 404 in 12 ms: no_service.',
    )
    expect(testSentence({ ...outcome, isSent: false })).toBe('Not sent: no_service.')
  })

  it('say how far a message came', () => {
    expect(deliverySentence({ ...DELIVERY, lastStatus: 200, lastMs: 5 })).toBe('Sent, 1 attempt, answered 200 in 5 ms')
    expect(deliverySentence({ ...DELIVERY, state: 'failed', attempts: 3, lastAnswer: 'no answer within 10 s' })).toBe(
      'Failed, 3 attempts: no answer within 10 s',
    )
    expect(deliverySentence({ ...DELIVERY, state: 'waiting', attempts: 0, nextMs: 0 })).toBe(
      'Waits, 0 attempts, tried at 1970-01-01 00:00:00 UTC',
    )
    expect(deliverySentence({ ...DELIVERY, state: 'waiting', attempts: 2, lastStatus: 503, nextMs: 0 })).toBe(
      'Waits, 2 attempts, answered 503, tried again at 1970-01-01 00:00:00 UTC',
    )
  })
})
