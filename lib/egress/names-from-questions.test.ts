import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CATALOGUE } from './catalogue/catalogue'
import { createProviderMatcher, isCertainProvider } from './match-provider'
import { ASKED_WITHIN_MS, type AskedName, MOST_ASKED_NAMES, namesFromQuestions } from './names-from-questions'

const FIRST = 1_790_000_000_000
const connection = { serverIp: '198.51.100.20', firstMs: FIRST }
const question = (name: string, beforeMs = 1000, family: 4 | 6 = 4): AskedName => ({
  name,
  family,
  lastMs: FIRST - beforeMs,
})
const { matchPeer } = createProviderMatcher(CATALOGUE)
const matchOf = (asked: readonly AskedName[]) =>
  matchPeer({ ip: connection.serverIp, askedNames: namesFromQuestions(connection, asked) })
const decides = (asked: readonly AskedName[]): boolean => {
  const match = matchOf(asked)
  return match !== undefined && isCertainProvider(match)
}

/** No name is an expansion of another one. */
const name = fc.constantFrom(
  'api.openai.com',
  'api.anthropic.com',
  'chatgpt.com',
  'files.example.com',
  'db.example.org',
)
const asked = fc.array(
  fc.record({
    name,
    family: fc.constantFrom(4 as const, 6 as const),
    lastMs: fc.integer({ min: -60_000, max: 20_000 }).map((offset) => FIRST + offset),
  }),
  { maxLength: 8 },
)

describe('names from questions', () => {
  it('are those asked in the window before, for the family of the address', () => {
    expect(namesFromQuestions(connection, [question('b.example'), question('a.example', 20_000)])).toEqual([
      'a.example',
      'b.example',
    ])
    expect(namesFromQuestions(connection, [question('a.example', ASKED_WITHIN_MS)])).toEqual(['a.example'])
    expect(namesFromQuestions(connection, [question('a.example', ASKED_WITHIN_MS + 1)])).toEqual([])
    expect(namesFromQuestions(connection, [question('a.example', -5000)])).toEqual(['a.example'])
    expect(namesFromQuestions(connection, [question('a.example', -5001)])).toEqual([])
    expect(namesFromQuestions(connection, [question('a.example', 0, 6)])).toEqual([])
    expect(namesFromQuestions({ ...connection, serverIp: '2001:db8::1' }, [question('a.example', 0, 6)])).toEqual([
      'a.example',
    ])
  })

  it('leave out an expansion by a search list that was given up, and keep one that was asked last', () => {
    const bare = question('api.openai.com', 900)
    expect(namesFromQuestions(connection, [question('api.openai.com.corp.example', 1000), bare])).toEqual([
      'api.openai.com',
    ])
    expect(namesFromQuestions(connection, [question('api.openai.com.corp.example', 800), bare])).toHaveLength(2)
  })

  it('leave nothing out where there may be more than are looked at', () => {
    const many = Array.from({ length: MOST_ASKED_NAMES - 1 }, (_, index) =>
      question(`api.openai.com.corp${index}.example`, 2000),
    )
    expect(namesFromQuestions(connection, [...many, question('api.openai.com', 500)])).toHaveLength(MOST_ASKED_NAMES)
  })

  it('decide only as one name, whatever else was asked at other times', () => {
    fc.assert(
      fc.property(asked, (questions) => {
        const inWindow = questions.filter(
          ({ family, lastMs }) => family === 4 && lastMs >= FIRST - 30_000 && lastMs <= FIRST + 5000,
        )
        const names = new Set(inWindow.map((one) => one.name))
        const isSoleCall = names.size === 1 && (names.has('api.openai.com') || names.has('api.anthropic.com'))
        expect(decides(questions)).toBe(isSoleCall)
      }),
    )
  })

  it('a second name in the window takes the decision away and leaves the provider unknown', () => {
    fc.assert(
      fc.property(asked, name, fc.integer({ min: 0, max: 30_000 }), (questions, other, beforeMs) => {
        fc.pre(decides(questions) && !namesFromQuestions(connection, questions).includes(other))
        const more = [...questions, question(other, beforeMs)]
        expect(decides(more)).toBe(false)
        expect(matchOf(more)?.ambiguous).toBe(true)
      }),
    )
  })

  it('taking a question away never names what was not asked, and without any nothing is named', () => {
    fc.assert(
      fc.property(asked, fc.nat(8), (questions, at) => {
        const fewer = questions.filter((_, index) => index !== at)
        const [before, after] = [questions, fewer].map((list) => namesFromQuestions(connection, list))
        expect(before).toEqual(expect.arrayContaining(after ?? []))
        if (after?.length === 0) expect(matchOf(fewer)).toBeUndefined()
        // What decides after it was among the candidates before: no other provider can come out of a loss.
        if (decides(fewer)) expect(before).toContain(matchOf(fewer)?.host)
      }),
    )
  })
})

describe('a sole question as a way of knowing', () => {
  it('is certain, and says how it knows', () => {
    const match = matchPeer({ askedNames: ['api.openai.com'] })
    expect(match).toMatchObject({ providerId: 'openai', matchedBy: 'dns-question' })
    expect(match && isCertainProvider(match)).toBe(true)
  })

  it('never stands beside two names, not even of one provider', () => {
    expect(matchPeer({ askedNames: ['api.openai.com', 'eu.api.openai.com'] })?.ambiguous).toBe(true)
  })

  it('says nothing where an answer, the flow or an identity names the address', () => {
    for (const known of [
      { dnsNames: ['db.example.com'] },
      { dnsMapNames: ['db.example.com'] },
      { fqdnLabels: ['db.example.com'] },
    ])
      expect(matchPeer({ ...known, askedNames: ['api.openai.com'] })).toBeUndefined()
    expect(matchPeer({ dnsMapNames: ['api.anthropic.com'], askedNames: ['api.openai.com'] })).toMatchObject({
      providerId: 'anthropic',
      matchedBy: 'dns-map',
    })
  })

  it('does not decide against a labelled network set or an exclusive range of another provider', () => {
    const set = { name: 'x', labels: { 'ai-provider': 'anthropic' } }
    expect(matchPeer({ networkSet: set, askedNames: ['api.openai.com'] })?.ambiguous).toBe(true)
    expect(matchPeer({ ip: '160.79.104.10', askedNames: ['api.openai.com'] })?.ambiguous).toBe(true)
    expect(matchPeer({ ip: '160.79.104.10', askedNames: ['api.anthropic.com'] })?.ambiguous).toBeUndefined()
  })
})
