import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { readCollectorSettings } from './collector-config'

const read = (text: string, variables: object = {}) =>
  readCollectorSettings(text, { defaultCluster: 'here', ...variables })

describe('collector settings', () => {
  it('an environment variable makes a collector of the default cluster, beside those of the file', () => {
    const text = `
egressRules: []
collectors:
  - { kind: goldmane, name: gm, cluster: prod, address: 'goldmane.calico-system.svc:7443', tls: { ca: /c, cert: /a, key: /b } }
`
    expect(read(text, { hubbleRelay: '[::1]:4245' })).toMatchObject([
      { kind: 'goldmane', name: 'gm', cluster: 'prod' },
      { kind: 'hubble-relay', name: 'hubble-relay', cluster: 'here', address: '[::1]:4245' },
    ])
    expect(read('')).toEqual([])
    expect(read('collectors:\n#  - { kind: goldmane }\n')).toEqual([])
  })

  it.each([
    ['an unknown kind', '[{ kind: fax, name: a, cluster: b }]', /collectors\[0\]\.kind \(a\)/],
    ['an address without a port', '[{ kind: hubble-relay, name: a, cluster: b, address: relay }]', /host:port/],
    ['an unknown key', '[{ kind: hubble-relay, name: a, cluster: b, address: "r:1", tsl: {} }]', /tsl/],
    [
      'two of one name',
      '[{ kind: hubble-relay, name: a, cluster: b, address: "r:1" }, { kind: whisker, name: a, cluster: b, url: "http://w" }]',
      /called a/,
    ],
    [
      'no client certificate for Goldmane',
      '[{ kind: goldmane, name: gm, cluster: b, address: "g:1" }]',
      /collectors\[0\]\.tls \(gm\): missing/,
    ],
    ['no list', '{ a: 1 }', /collectors/],
  ])('%s is refused by its path', (_name, list, message) => {
    expect(() => read(`collectors: ${list}`)).toThrow(message)
  })
})

const docs = path.resolve(import.meta.dirname, '../../docs')
const examples = readdirSync(docs)
  .filter((name) => name.endsWith('.md'))
  .flatMap((name) =>
    [...readFileSync(path.join(docs, name), 'utf8').matchAll(/```yaml\n((?:#[^\n]*\n)?collectors:[\s\S]*?)```/g)].map(
      (match): [string, string] => [name, match[1] ?? ''],
    ),
  )

describe('the documentation', () => {
  it.each(examples)('%s shows settings that are right', (_name, text) => {
    expect(read(text)).toHaveLength(1)
  })

  it('has an example of every kind of collector', () => {
    const kinds = examples.flatMap(([, text]) => read(text).map(({ kind }) => kind))
    expect([...new Set(kinds)].sort()).toEqual([
      'goldmane',
      'goldmane-node',
      'hubble-relay',
      'kubernetes',
      'syslog',
      'whisker',
    ])
  })
})
