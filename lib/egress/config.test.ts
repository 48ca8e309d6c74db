import { readFileSync } from 'node:fs'
import path from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { buildEgressConfig, configFromSanctionedEgress, mergeEgressEntries, parseEgressConfig } from './config'

const WHOLE = `
egressRules:
- name: prod-ai-through-nat
  priority: 100
  clusters: [prod-eu]
  workloads: { namespaces: [ml, agents], podLabels: {}, serviceAccounts: [] }
  providers: [openai, anthropic, category:llm]
  hosts: [team.openai.azure.com]
  sanctionedSources: [ {cidr: 203.0.113.10/32, name: nat-a}, {cidr: '2001:db8:1::/64', name: v6}, 198.51.100.9 ]
  egressPoints: [nat-b]
  requireEvidence: C
  mode: enforce
egressPoints:
- { name: nat-b, kind: nat-gateway, publicCidrs: [203.0.113.11/32] }
paths:
- name: aws-nat
  clusters: [prod-eu]
  nodeSelector: {pool: prod}
  hops: [node-masquerade, aws-natgw]
  final: aws-natgw
  map: { 10.0.0.220: 203.0.113.10 }
denyProviders: [deepseek]
`

const parse = (text: string, knownPoints: string[] = []) => parseEgressConfig(text, { origin: 'file', knownPoints })
const rule = (body: string) =>
  `egressRules:\n- name: r\n  providers: [openai]\n  sanctionedSources: [203.0.113.10/32]\n${body}`

describe('a whole file', () => {
  it('becomes entries', () => {
    const { entries, issues } = parse(WHOLE)
    expect(issues).toEqual([])
    expect(entries?.rules[0]).toMatchObject({
      name: 'prod-ai-through-nat',
      priority: 100,
      workloads: { namespaces: ['ml', 'agents'], aiOnly: false },
      sanctionedSources: [
        { cidr: '203.0.113.10/32', name: 'nat-a' },
        { cidr: '2001:db8:1::/64', name: 'v6' },
        { cidr: '198.51.100.9/32' },
      ],
      origin: 'file',
    })
    expect(entries?.paths[0]).toMatchObject({
      finalHop: 'aws-natgw',
      publicByPrivate: { '10.0.0.220': '203.0.113.10' },
    })
    expect(entries?.deniedProviders).toEqual(['deepseek'])
  })
  it.each(['', '\n', '# nothing\n', '{}'])('an empty text (%j) is an empty configuration', (text) => {
    expect(parse(text)).toEqual({ entries: { points: [], paths: [], rules: [], deniedProviders: [] }, issues: [] })
  })
})

describe('what is wrong is said with its place', () => {
  it.each([
    [rule('  providerz: []'), 'egressRules[0].providerz', 5, 'Did you mean providers?'],
    [rule('  hosts: ["*"]'), 'egressRules[0].hosts[0]', 5, 'no host name'],
    [rule('  egressPoints: [nat-x]'), 'egressRules[0].egressPoints[0]', 5, 'no egress point "nat-x"'],
    [rule('  requireEvidence: D'), 'egressRules[0].requireEvidence', 5, 'Invalid option'],
    [rule('').replace('openai', 'opnai'), 'egressRules[0].providers[0]', 3, 'Did you mean openai'],
    [rule('').replace('openai', 'category:lm'), 'egressRules[0].providers[0]', 3, 'category:llm'],
    [rule('').replace('[openai]', '[]'), 'egressRules[0]', 2, "Write providers: ['*']"],
    [rule('').replace('203.0.113.10/32', ''), 'egressRules[0]', 2, 'nothing could be right'],
    [rule('').replace('.10/32', '.10/24'), 'egressRules[0].sanctionedSources[0]', 4, 'Write 203.0.113.0/24'],
    [
      rule('').replace('203.0.113.10/32', '10.0.0.5/32'),
      'egressRules[0].sanctionedSources[0]',
      4,
      'not globally routable',
    ],
    [
      rule('').replace('203.0.113.10/32', '0.0.0.0/0'),
      'egressRules[0].sanctionedSources[0]',
      4,
      'not globally routable',
    ],
    ['denyProviders: [deepseeek]', 'denyProviders[0]', 1, 'Did you mean deepseek'],
    ['paths:\n- {name: p, hops: [a, b], final: c}', 'paths[0].final', 2, 'not one of the hops'],
    ['paths:\n- {name: p, hops: [a], final: a, map: {8.8.8.8: 9.9.9.9}}', 'paths[0].map.8.8.8.8', 2, 'public already'],
    [
      'paths:\n- {name: p, hops: [a], final: a, map: {10.0.0.1: 10.0.0.2}}',
      'paths[0].map.10.0.0.1',
      2,
      'not a globally',
    ],
    ['egressRulez: []', 'egressRulez', 1, 'Did you mean egressRules'],
  ])('%#: %s', (text, path, line, message) => {
    const { entries, issues } = parse(text)
    expect(entries).toBeUndefined()
    expect(issues[0]).toMatchObject({ severity: 'error', path, line })
    expect(issues[0]?.message).toContain(message)
  })
  it('a private address is right for a private link', () => {
    const text = rule('').replace('[203.0.113.10/32]', '[{cidr: 10.0.0.5/32, kind: private-link}]')
    expect(parse(text).issues).toEqual([])
  })
  it('an egress point from elsewhere may be named', () => {
    expect(parse(rule('  egressPoints: [nat-x]'), ['nat-x']).issues).toEqual([])
  })
  it('broken YAML, duplicate names and duplicate keys are errors with a line', () => {
    expect(parse('egressRules: [').issues[0]).toMatchObject({ severity: 'error', line: 1 })
    expect(parse('paths: []\npaths: []').issues[0]).toMatchObject({ severity: 'error', line: 2 })
    expect(
      parse(`${rule('')}${rule('').replace('egressRules:\n', '')}`).issues.map(({ message }) => message),
    ).toContain('"r" is used twice.')
  })
})

describe('hostile text', () => {
  it.each([
    ['a list', '[1, 2]'],
    ['a number', '7'],
    ['a reserved name', rule('').replace('name: r', 'name: __proto__')],
    ['a reserved label', rule('  workloads: {podLabels: {constructor: x}}')],
    ['a control character', rule('').replace('name: r', 'name: "r\\u0007"')],
    [
      'a bomb of aliases',
      `a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c]`,
    ],
    ['too much', 'x'.repeat(1024 * 1024 + 1)],
  ])('%s is an error and pollutes nothing', (_, text) => {
    expect(parse(text).entries).toBeUndefined()
    expect(({} as Record<string, unknown>).x).toBeUndefined()
  })
  it('no text makes it throw', () => {
    fc.assert(fc.property(fc.string({ maxLength: 200, unit: 'binary' }), (text) => parse(text).issues.length >= 0))
  })
})

describe('warnings do not stop anything', () => {
  it('a host of no provider is one: the rule speaks of it once it is added', () => {
    expect(parse(rule('  hosts: [llm.example.com]')).issues).toMatchObject([
      { severity: 'warning', path: 'egressRules[0].hosts[0]', message: expect.stringContaining('Providers page') },
    ])
    for (const host of ['api.openai.com', 'eu.api.openai.com', '*.openai.com', '*.openai.azure.com'])
      expect([host, parse(rule(`  hosts: ["${host}"]`)).issues]).toEqual([host, []])
  })
  it('two rules of equal priority that may meet', () => {
    const two = `${rule('')}${rule('').replace('egressRules:\n', '').replace('name: r', 'name: s')}`
    const { entries, issues } = parse(two)
    expect(entries?.rules).toHaveLength(2)
    expect(issues).toHaveLength(1)
    expect(issues[0]).toMatchObject({ severity: 'warning', path: 'egressRules[1]' })
    expect(parse(two.replace('name: s', 'name: s\n  priority: 5')).issues).toEqual([])
    expect(parse(two.replace('name: s', 'name: s\n  workloads: {namespaces: [x]}')).issues).toEqual([])
    expect(parse(two.replace('name: s\n  providers: [openai]', 'name: s\n  providers: [groq]')).issues).toEqual([])
  })
  it('a very wide network', () => {
    expect(parse(rule('').replace('203.0.113.10/32', '203.0.0.0/12')).issues).toMatchObject([{ severity: 'warning' }])
  })
})

describe('POSTERN_SANCTIONED_EGRESS', () => {
  it('is one rule for all AI workloads and all providers', () => {
    const { entries } = configFromSanctionedEgress('203.0.113.10/32, 2001:db8:1::/64 198.51.100.9')
    expect(entries?.rules).toHaveLength(1)
    expect(entries?.rules[0]).toMatchObject({
      providers: ['*'],
      workloads: { aiOnly: true },
      origin: 'env',
      requireEvidence: 'C',
    })
    expect(entries?.rules[0]?.sanctionedSources.map(({ cidr }) => cidr)).toEqual([
      '203.0.113.10/32',
      '2001:db8:1::/64',
      '198.51.100.9/32',
    ])
    expect(entries?.paths).toEqual([])
  })
  it('declares a final hop where one is given', () => {
    expect(configFromSanctionedEgress('203.0.113.10', { finalHop: 'natgw' }).entries?.paths[0]).toMatchObject({
      hops: ['natgw'],
      finalHop: 'natgw',
    })
  })
  it('refuses what it cannot mean, and is nothing when empty', () => {
    expect(configFromSanctionedEgress('10.0.0.1').entries).toBeUndefined()
    expect(configFromSanctionedEgress('nonsense').issues[0]?.path).toBe('egressRules[0].sanctionedSources[0]')
    expect(configFromSanctionedEgress(' , ').entries?.rules).toEqual([])
  })
})

describe('points and rules in full', () => {
  it.each([
    ['privateCidrs: [8.8.8.8]', 'privateCidrs[0]', '8.8.8.8/32 is public already'],
    ['privateCidrs: [10.0.0.300]', 'privateCidrs[0]', ''],
    ['kind: direct, privateCidrs: [10.0.0.7]', 'privateCidrs', 'Nothing is translated'],
    ['gateway: { pods: x }', 'gateway.pods', 'no setting'],
    ['clusters: [__proto__]', 'clusters[0]', 'reserved'],
  ])('a point with %s is refused at its place', (part, place, words) => {
    const { entries, issues } = parse(`egressPoints:\n- { name: a, publicCidrs: [203.0.113.10], ${part} }`)
    expect(entries).toBeUndefined()
    expect(issues[0]).toMatchObject({
      severity: 'error',
      path: `egressPoints[0].${place}`,
      line: 2,
      message: expect.stringContaining(words),
    })
  })

  it('private addresses of a point with several public ones are a warning: they prove nothing', () => {
    const { entries, issues } = parse(
      'egressPoints:\n- { name: a, publicCidrs: [203.0.113.0/28], privateCidrs: [10.0.0.7] }',
    )
    expect(entries?.points).toMatchObject([{ privateCidrs: ['10.0.0.7/32'] }])
    expect(issues).toMatchObject([{ severity: 'warning', path: 'egressPoints[0].privateCidrs' }])
  })

  it('an expiry is a moment in UTC, and a time without its offset is refused', () => {
    expect(parse(rule('  expiresAt: 2027-01-01T01:00:00+01:00')).entries?.rules[0]?.expiresAt).toBe(
      '2027-01-01T00:00:00.000Z',
    )
    for (const wrong of ['2027-01-01', '2027-01-01T01:00:00', 'tomorrow', '5'])
      expect(parse(rule(`  expiresAt: ${wrong}`)).issues[0]).toMatchObject({
        severity: 'error',
        path: 'egressRules[0].expiresAt',
        line: 5,
      })
  })

  it('a reason is a short line of text', () => {
    expect(parse(rule("  reason: ' until the move '")).entries?.rules[0]?.reason).toBe('until the move')
    expect(parse(rule(`  reason: ${'x'.repeat(501)}`)).entries).toBeUndefined()
    expect(parse(rule('  reason: "a\\nb"')).entries).toBeUndefined()
  })
})

describe('the version', () => {
  const { entries } = parse(WHOLE)
  if (!entries) throw new Error('the fixture is invalid')
  const version = buildEgressConfig(entries).version
  it('is the same for the same content in any order and from any origin', () => {
    const again = parseEgressConfig(WHOLE.replace('{pool: prod}', '{ pool: "prod" }'), { origin: 'api' }).entries
    expect(again && buildEgressConfig(again).version).toBe(version)
    expect(version).toMatch(/^[0-9a-f]{16}$/)
  })
  it('changes with any word of it', () => {
    const changed = parse(WHOLE.replace('priority: 100', 'priority: 101')).entries
    expect(changed && buildEgressConfig(changed).version).not.toBe(version)
  })
  it('the first of a name wins', () => {
    const other = configFromSanctionedEgress('198.51.100.1').entries
    if (!other) throw new Error('invalid')
    const twice = { ...other, rules: other.rules.map((one) => ({ ...one, priority: 7 })) }
    expect(buildEgressConfig(mergeEgressEntries([other, twice])).rules.map(({ priority }) => priority)).toEqual([0])
  })
})

describe('docs/egress.md', () => {
  it('shows a file that is read without a complaint', () => {
    const page = readFileSync(path.resolve(import.meta.dirname, '../../docs/egress.md'), 'utf8')
    const file = /```yaml\n([^`]+)```/.exec(page)?.[1] ?? ''
    const { entries, issues } = parseEgressConfig(file, { origin: 'file' })
    expect(issues).toEqual([])
    expect(entries?.rules).toHaveLength(2)
  })
})
