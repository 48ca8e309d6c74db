import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { LIMITS } from '@/lib/model/limits'
import { END_FIELDS, FIELDS, FLAGS, LINK_NUMBERS, LINK_TEXTS } from './fields'
import { MAX_HOPS } from './focus-text'
import { parseFilter } from './parse'
import { EXAMPLES, PRESETS } from './presets'

const page = readFileSync(path.resolve(import.meta.dirname, '../../docs/filter.md'), 'utf8')
const section = (title: string): string => page.split(/^## /m).find((part) => part.startsWith(title)) ?? ''
/** Rows of a section's table: the words of the first cell, those of the second, the rest. */
const rows = (title: string) =>
  [...section(title).matchAll(/^\| `(\w+)` \|([^|]*)\| (.*) \|$/gm)].map(([, name = '', second = '', what = '']) => ({
    name,
    second,
    what,
  }))
const examples = (/```filter\n([\s\S]*?)```/.exec(page)?.[1] ?? '').split('\n').filter(Boolean)

describe('docs/filter.md', () => {
  it.each([
    ['Fields of nodes', END_FIELDS],
    ['Fields of edges', [...LINK_TEXTS, ...LINK_NUMBERS]],
  ] as const)('%s are those of the code, with their other names, their choices and what they are', (title, names) => {
    const told = rows(title)
    expect(told.map(({ name }) => name)).toEqual(names)
    for (const { name, second, what } of told) {
      const facts = FIELDS[names.find((one) => one === name) ?? 'text']
      expect([...second.matchAll(/`(\w+)`/g)].map(([, alias]) => alias)).toEqual(facts.aliases)
      expect(what.startsWith(facts.help)).toBe(true)
      for (const choice of facts.choices ?? []) expect(what).toContain(choice)
    }
  })

  it('names every flag, whose it is and what it means', () => {
    const told = rows('Yes or no').map(({ name, second, what }) => [
      name,
      { of: second.trim() === 'node' ? 'end' : 'link', help: what },
    ])
    expect(Object.fromEntries(told)).toEqual(FLAGS)
  })

  it('has examples, and every one of them can be read', () => {
    expect(examples.length).toBeGreaterThan(EXAMPLES.length)
    for (const example of examples) expect(parseFilter(example), example).toMatchObject({ ast: {} })
  })

  it('says the limits', () => {
    expect(page).toContain(`At most ${LIMITS.filterChars} characters and ${LIMITS.filterNesting} levels`)
    expect(page).toContain(`at most ${MAX_HOPS}`)
  })
})

it('every preset and every example of the help can be read, and the page has the latter too', () => {
  for (const { expression } of [...PRESETS, ...EXAMPLES])
    expect(parseFilter(expression), expression).toMatchObject({ ast: {} })
  expect(examples).toEqual(expect.arrayContaining(EXAMPLES.map(({ expression }) => expression)))
})
