import { describe, expect, it } from 'vitest'
import { policyYaml } from './policy-yaml'

/** The marked lines themselves. */
const markedLines = (body: object, marked: Parameters<typeof policyYaml>[1]) => {
  const { yaml, marks } = policyYaml(body, marked)
  const lines = yaml.split('\n')
  return marks.map(({ fromLine, toLine }) => lines.slice(fromLine - 1, toLine).map((line) => line.trim()))
}

describe('policyYaml', () => {
  const body = {
    specs: [{ egress: [{ toPorts: [{ ports: [{ port: '443' }] }] }] }],
    spec: {
      egress: [{ toFQDNs: [{ matchName: 'a' }] }, { toFQDNs: [{ matchName: 'b' }], toPorts: [] }],
      endpointSelector: { matchLabels: { app: 'x' } },
    },
    kind: 'CiliumNetworkPolicy',
  }

  it('marks exactly the lines of a rule, wherever it stands', () => {
    expect(markedLines(body, [{ what: 'rule', path: ['spec', 'egress', 1] }])).toEqual([
      ['- toFQDNs:', '- matchName: b', 'toPorts: []'],
    ])
    expect(markedLines(body, [{ what: 'rule', path: ['spec', 'egress', 0] }])).toEqual([
      ['- toFQDNs:', '- matchName: a'],
    ])
    expect(markedLines(body, [{ what: 'only-rule', path: ['specs', 0, 'egress', 0] }])).toEqual([
      ['- toPorts:', '- ports:', '- port: "443"'],
    ])
  })

  it('marks a selector with its key, be it a text, a map or empty', () => {
    expect(markedLines(body, [{ what: 'selector', path: ['spec', 'endpointSelector'] }])).toEqual([
      ['endpointSelector:', 'matchLabels:', 'app: x'],
    ])
    for (const [value, lines] of [
      ['all()', ['selector: all()']],
      [{}, ['selector: {}']],
    ] as const)
      expect(
        markedLines({ spec: { selector: value, order: 1 } }, [{ what: 'selector', path: ['spec', 'selector'] }]),
      ).toEqual([lines])
  })

  it('marks nothing that is not there, and hostile text stays text', () => {
    expect(policyYaml(body, [{ what: 'rule', path: ['spec', 'ingress', 0] }]).marks).toEqual([])
    const hostile = { spec: { egress: [{ a: 'x\n- y: |\n  z\n# ' }, { b: '${{' }] } }
    expect(markedLines(hostile, [{ what: 'rule', path: ['spec', 'egress', 1] }])).toEqual([['- b: ${{']])
  })
})
