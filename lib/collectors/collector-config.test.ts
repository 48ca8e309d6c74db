import { readFileSync } from 'node:fs'
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

describe('docs/cilium.md', () => {
  it('shows settings that are right', () => {
    const page = readFileSync(path.resolve(import.meta.dirname, '../../docs/cilium.md'), 'utf8')
    const example = [...page.matchAll(/```yaml\n(collectors:[^`]+)```/g)].map((match) => match[1] ?? '')
    expect(example).toHaveLength(1)
    expect(read(example[0] ?? '')).toMatchObject([
      { kind: 'hubble-relay', cluster: 'prod', tls: { serverName: 'ui.hubble-relay.cilium.io' }, lookBackMinutes: 5 },
    ])
  })
})
