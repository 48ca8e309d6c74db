import { describe, expect, it } from 'vitest'
import { type DetectorState, FINDING_EVENT_KINDS } from '@/lib/model/finding'
import { CASE_EVENT_KINDS } from '@/lib/model/incident-case'
import { detectorSentence, detectorsSentence, findingEventSentence, timelineSentence } from './finding-words'

const state = (parts: Partial<DetectorState>): DetectorState => ({
  dataset: '',
  cluster: 'prod-eu',
  detector: 'D5',
  name: 'First call to a provider',
  state: 'on',
  missing: [],
  checkedMs: 0,
  ...parts,
})

describe('detectors', () => {
  it('are counted by whether they work', () => {
    const states = [
      state({}),
      state({ detector: 'D8', state: 'off', missing: ['DNS answers'] }),
      state({ state: 'learning' }),
    ]
    expect(detectorsSentence(states, 1)).toBe('Detectors: 1 on, 1 off for want of a source, 1 learning.')
    expect(detectorsSentence([], 0)).toBe('')
  })
  it('of many clusters some are told of, and that is said', () => {
    const states = ['a', 'b'].map((cluster) => state({ cluster }))
    expect(detectorsSentence(states, 2)).toBe('Detectors in 2 clusters: 2 on.')
    expect(detectorsSentence(states, 1204)).toBe('Detectors in the first 2 of 1,204 clusters, by name: 2 on.')
  })
  it.each([
    [
      state({ state: 'off', missing: ['spans', 'a flow log'] }),
      'D5 First call to a provider: off, no source tells spans, nor a flow log.',
    ],
    [
      state({ state: 'learning', untilMs: Date.UTC(2026, 10, 30) }),
      'D5 First call to a provider: learning until 2026-11-30 00:00:00 UTC, what is usual is not known yet.',
    ],
  ])('%#', (one, words) => expect(detectorSentence(one)).toBe(words))
})

describe('events', () => {
  it.each(FINDING_EVENT_KINDS)('%s of a finding is a sentence, whatever its detail', (kind) => {
    const event = {
      id: '1',
      findingId: 'f',
      kind,
      atMs: 0,
      actor: 'ada',
      detail: { __proto__: null, text: 'Looking.', reason: 'r.' },
    }
    expect(findingEventSentence(event)).toMatch(/^\S.*\S$/)
  })
  it.each(CASE_EVENT_KINDS)('%s of an incident is a sentence, by itself and by a person', (kind) => {
    for (const actor of ['postern', 'ada']) {
      const event = {
        dataset: '',
        caseId: 'c',
        kind,
        atMs: 0,
        actor,
        detail: { findings: 2, reason: 'r.', text: 'Looking.' },
      }
      expect(timelineSentence({ kind: 'case', atMs: 0, event })).toMatch(/^\S.*\S$/)
    }
  })
})
