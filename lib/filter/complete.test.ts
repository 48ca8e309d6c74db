import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EDGES, NODES } from './__fixtures__/small-graph'
import { complete } from './complete'
import { parseFilter } from './parse'
import { valuesInGraph } from './values-in-graph'

const valuesOf = valuesInGraph({ nodes: NODES, edges: EDGES })
/** Labels at the place of the bar. */
const at = (text: string): readonly string[] => {
  const caret = text.indexOf('|')
  return complete(text.replace('|', ''), caret, valuesOf).candidates.map(({ label }) => label)
}
/** The text after taking the first candidate at the place of the bar. */
const taken = (text: string): string => {
  const caret = text.indexOf('|')
  const whole = text.replace('|', '')
  const { start, end, candidates } = complete(whole, caret, valuesOf)
  return whole.slice(0, start) + (candidates[0]?.insert ?? '') + whole.slice(end)
}

describe('completion', () => {
  it.each([
    ['names|', ['namespace']],
    ['ns = agents and por|', ['port']],
    ['src.na|', ['src.namespace', 'src.workload']],
    ['dst.por|', []],
    ['ns |', ['=', '!=', '~', '!~', '^=', '$=', 'in']],
    ['port |', ['=', '!=', '>=', '<=', '>', '<', 'in']],
    ['ns = |', ['agents', 'data', 'kube-system', 'shop']],
    ['ns = s|', ['shop', 'agents', 'kube-system']],
    ['ns = "ag|', ['agents']],
    ['ns in (agents, d|', ['data']],
    ['ns in (agents |', [',', ')']],
    ['port = |', ['53', '443', '5432']],
    ['verdict = den|', ['denied_no_rule', 'denied']],
    ['ns = agents |', ['and', 'or']],
    ['(ns = agents |', ['and', 'or', ')']],
    ['is den|', ['denied']],
    ['has find|', ['finding']],
    ['has chan|', ['change']],
    ['is new|', ['new', 'newcomer']],
    ['is src.new|', ['src.newcomer']],
    ['is dst.den|', []],
    ['chan|', ['change']],
    // Nothing is compared, so that no change is there to be asked for.
    ['change = |', []],
    ['no sp|', ['span']],
    [
      '| and ns = shop',
      [
        'is …',
        'has …',
        'no …',
        'cluster',
        'namespace',
        'workload',
        'pod',
        'host',
        'provider',
        'role',
        'class',
        'label',
      ],
    ],
    ['ns = "a b" or pla|', ['workload = planner', 'workload = agents/planner']],
  ])('at the bar of %s offers %j', (text, labels) => {
    expect([...at(text)].slice(0, labels.length)).toEqual(labels)
    if (labels.length === 0) expect(at(text)).toEqual([])
  })

  it('offers the changes that a comparison has', () => {
    const [first, ...rest] = EDGES
    if (!first) throw new Error('the graph has no edge')
    const compared = valuesInGraph({ nodes: NODES, edges: [{ ...first, change: 'verdict' }, ...rest] })
    expect(complete('change = ', 9, compared).candidates.map(({ label }) => label)).toEqual(['verdict'])
  })

  it('replaces the word around the caret, and leaves the rest', () => {
    expect(taken('names| and port = 1')).toBe('namespace  and port = 1')
    expect(taken('ns = ag|ents')).toBe('ns = agents ')
    expect(taken('workload = "agents/pl|')).toBe('workload = agents/planner ')
  })

  it('at any place of any text never fails, and offers values that can be read', () => {
    const words = fc.constantFrom(
      'ns',
      '=',
      '(',
      ')',
      'and',
      'not',
      'in',
      '"',
      '!',
      ',',
      'is',
      'port',
      '>',
      '1',
      '|',
      '\\',
    )
    fc.assert(
      fc.property(fc.array(words, { maxLength: 12 }), fc.nat(40), (list, caret) => {
        const text = list.join(' ')
        const { start, end, candidates } = complete(text, Math.min(caret, text.length), valuesOf)
        expect(start).toBeLessThanOrEqual(end)
        expect(candidates.length).toBeLessThanOrEqual(12)
      }),
    )
    for (const field of ['workload', 'namespace', 'host', 'provider', 'label', 'policy', 'model', 'verdict'])
      for (const { insert } of complete(`${field} = `, field.length + 3, valuesOf).candidates)
        expect(parseFilter(`${field} = ${insert}`).error).toBeUndefined()
  })
})
