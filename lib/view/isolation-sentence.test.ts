import { expect, it } from 'vitest'
import { isolationSentence } from './isolation-sentence'

const policy = (name: string) => ({ kind: 'NetworkPolicy', namespace: 'ml', tier: '', name })
const base = { side: 'client', direction: 'egress', atMs: 0 } as const

it.each([
  [
    { ...base, isolating: [policy('a'), policy('b')], undecided: [] },
    'The client is isolated for egress by ml/a (NetworkPolicy), ml/b (NetworkPolicy): none of their rules allows this.',
  ],
  [
    { ...base, isolating: [policy('a')], undecided: [] },
    'The client is isolated for egress by ml/a (NetworkPolicy): none of its rules allows this.',
  ],
  [
    { ...base, isolating: [], undecided: [policy('c')] },
    'No policy is known to isolate the client for egress. Not known of ml/c (NetworkPolicy).',
  ],
])('says what is known and what is not', (isolation, sentence) => {
  expect(isolationSentence(isolation)).toBe(sentence)
})
