import { expect, it } from 'vitest'
import { RULE, T0 } from './__fixtures__/scene'
import { buildEgressConfig } from './config'
import { entriesInForce, isExpired } from './in-force'

const EXPIRY = new Date(T0).toISOString()
const entries = {
  points: [],
  paths: [],
  rules: [RULE, { ...RULE, name: 'guest', expiresAt: EXPIRY }],
  deniedProviders: [],
}
const at = (nowMs: number) => buildEgressConfig(entriesInForce(entries, nowMs))

it('a rule is out of force from the moment at which it expires, and not before', () => {
  expect(at(T0 - 1).rules.map(({ name }) => name)).toEqual(['guest', 'ml-through-nat'])
  expect(at(T0).rules.map(({ name }) => name)).toEqual(['ml-through-nat'])
  expect(isExpired({ expiresAt: EXPIRY }, T0)).toBe(true)
  expect(isExpired({}, Number.MAX_SAFE_INTEGER)).toBe(false)
})

it('the version changes when a rule expires, to that of a configuration without it', () => {
  expect(at(T0).version).not.toBe(at(T0 - 1).version)
  expect(at(T0).version).toBe(buildEgressConfig({ ...entries, rules: [RULE] }).version)
})
