import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { formatPolicyString, parsePolicyString } from './policy-string'

const hitOf = (text: string) => {
  const parsed = parsePolicyString(text)
  if ('fault' in parsed) throw new Error(`${text}: ${parsed.fault}`)
  return parsed
}
const ref = (kind: string, namespace: string, tier: string, name: string) => ({ kind, namespace, tier, name })

describe('both generations', () => {
  it.each([
    ['global', '0|sec|sec.lock|deny|2', '0|sec|gnp:sec.lock|deny|2', ref('GlobalNetworkPolicy', '', 'sec', 'lock')],
    [
      'calico',
      '0|sec|ml/sec.lock|deny|2',
      '0|sec|np:ml/sec.lock|deny|2',
      ref('CalicoNetworkPolicy', 'ml', 'sec', 'lock'),
    ],
    [
      'kubernetes',
      '0|default|ml/knp.default.web|deny|2',
      '0|default|knp:ml/web|deny|2',
      ref('NetworkPolicy', 'ml', 'default', 'web'),
    ],
    [
      'staged global',
      '0|sec|sec.staged:lock|deny|2',
      '0|sec|sgnp:lock|deny|2',
      ref('StagedGlobalNetworkPolicy', '', 'sec', 'lock'),
    ],
    [
      'staged',
      '0|sec|ml/sec.staged:lock|deny|2',
      '0|sec|snp:ml/lock|deny|2',
      ref('StagedNetworkPolicy', 'ml', 'sec', 'lock'),
    ],
    [
      'staged kubernetes',
      '0|default|ml/staged:knp.default.web|deny|2',
      '0|default|sknp:ml/web|deny|2',
      ref('StagedKubernetesNetworkPolicy', 'ml', 'default', 'web'),
    ],
    [
      'profile',
      '0|__PROFILE__|__PROFILE__.kns.ml|deny|2',
      '0|__PROFILE__|pro:kns.ml|deny|2',
      ref('Profile', '', '', 'kns.ml'),
    ],
  ])('gives a %s policy one identity in the old and in the new form', (_name, old, recent, identity) => {
    const expected = { index: 0, hit: { ...identity, action: 'deny', ruleIndex: 2 } }
    expect(hitOf(old)).toEqual(expected)
    expect(hitOf(recent)).toEqual(expected)
  })

  it.each([
    [
      '3|adminnetworkpolicy|kanp.adminnetworkpolicy.a.b|pass|4',
      ref('AdminNetworkPolicy', '', 'adminnetworkpolicy', 'a.b'),
    ],
    [
      '3|baselineadminnetworkpolicy|kbanp.baselineadminnetworkpolicy.a|pass|4',
      ref('BaselineAdminNetworkPolicy', '', 'baselineadminnetworkpolicy', 'a'),
    ],
    ['3|kube-admin|kcnp:a.b|pass|4', ref('ClusterNetworkPolicy', '', 'kube-admin', 'a.b')],
    ['3|adminnetworkpolicy|adminnetworkpolicy.a|pass|4', ref('GlobalNetworkPolicy', '', 'adminnetworkpolicy', 'a')],
    ['3|sec|gnp:sec.sec.a|pass|4', ref('GlobalNetworkPolicy', '', 'sec', 'sec.a')],
    ['3|default|knp:ml/default.a|pass|4', ref('NetworkPolicy', 'ml', 'default', 'default.a')],
  ])('reads %s', (text, identity) => {
    expect(hitOf(text)).toEqual({ index: 3, hit: { ...identity, action: 'pass', ruleIndex: 4 } })
  })

  it('reads rule -1 as the end of a tier, triggered by the policy named', () => {
    const trigger = ref('StagedNetworkPolicy', 'ml', 'sec', 'lock')
    const hit = { ...ref('EndOfTier', '', 'sec', ''), action: 'deny', trigger }
    expect(hitOf('1|sec|ml/sec.staged:lock|deny|-1')).toEqual({ index: 1, hit })
    expect(hitOf('1|sec|snp:ml/sec.lock|deny|-1')).toEqual({ index: 1, hit })
  })

  it('reads rule -2, and the oldest form of four parts, as a rule that is not known', () => {
    const hit = { ...ref('CalicoNetworkPolicy', 'shop', 'default', 'access'), action: 'allow' }
    expect(hitOf('0|default|shop/default.access|allow')).toEqual({ index: 0, hit })
    expect(hitOf('0|default|np:shop/access|allow|-2')).toEqual({ index: 0, hit })
  })

  it('warns of a prefix of another tier in the form of the vendor’s page, and keeps the name', () => {
    expect(hitOf('1|sec|ml/staged:other.lock|deny|1')).toEqual({
      index: 1,
      hit: { ...ref('StagedNetworkPolicy', 'ml', 'sec', 'other.lock'), action: 'deny', ruleIndex: 1 },
      warning: expect.stringContaining('tier'),
    })
    expect(hitOf('1|sec|ml/staged:sec.lock|deny|1')).not.toHaveProperty('warning')
  })

  it.each([
    '',
    '0|sec|gnp:a|allow|0|x',
    'x|sec|gnp:a|allow|0',
    '-1|sec|gnp:a|allow|0',
    '0||gnp:a|allow|0',
    '0|SEC|gnp:a|allow|0',
    '0|sec|gnp:a|drop|0',
    '0|sec|gnp:a|allow|-3',
    '0|sec|gnp:a|allow|1.5',
    '0|sec|gnp:ns/a|allow|0',
    '0|sec|np:a|allow|0',
    '0|sec|np:/a|allow|0',
    '0|sec|np:ns/|allow|0',
    '0|sec|np:ns/a/b|allow|0',
    '0|sec|pro:kns.a|allow|0',
    '0|__PROFILE__|gnp:a|allow|0',
    '0|__PROFILE__|kns.a|allow|0',
    '0|sec|other.a|allow|0',
    '0|sec|ml/knp.default.a|allow|0',
    '0|default|knp.default.a|allow|0',
    '0|sec|kanp.sec.a|allow|0',
  ])('refuses %j', (text) => {
    expect(parsePolicyString(text)).toEqual({ fault: expect.any(String) })
  })

  it('refuses a string beyond the bound without reading it', () => {
    expect(parsePolicyString(`0|sec|gnp:${'a'.repeat(2000)}|allow|0`)).toEqual({
      fault: expect.stringContaining('1024'),
    })
  })

  it('writes what it reads', () => {
    for (const text of [
      '0|sec|gnp:lock|deny|2',
      '1|sec|snp:ml/lock|deny|-1',
      '2|__PROFILE__|pro:kns.ml|allow|0',
      '3|default|knp:ml/web|allow|-2',
    ]) {
      const { index, hit } = hitOf(text)
      expect(formatPolicyString(index, hit)).toBe(text)
    }
  })
})

const corpus = path.resolve(import.meta.dirname, '../../../../shared/corpus/calico')
const linesOf = (name: string) =>
  readFileSync(path.join(corpus, name), 'utf8')
    .split('\n')
    .filter((line) => line !== '')

describe.skipIf(!existsSync(corpus))('strings of the upstream tests', () => {
  it.each(['v3.30-3.31', 'v3.32plus'])('accepts every valid and refuses every invalid string of %s', (version) => {
    const valid = linesOf(`policy_strings_${version}.valid.txt`)
    const invalid = linesOf(`policy_strings_${version}.invalid.txt`)
    expect(Math.min(valid.length, invalid.length)).toBeGreaterThan(10)
    expect(valid.filter((text) => 'fault' in parsePolicyString(text))).toEqual([])
    expect(invalid.filter((text) => !('fault' in parsePolicyString(text)))).toEqual([])
    for (const text of valid) {
      const { index, hit } = hitOf(text)
      expect(hitOf(formatPolicyString(index, hit)).hit).toEqual(hit)
    }
  })
})
