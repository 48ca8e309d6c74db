import { expect, it } from 'vitest'
import { demoInventory } from './demo-inventory'
import { goldmaneLines } from './goldmane-lines'
import { CALLS } from './topology'

const AT = Date.parse('2026-11-24T12:00:00Z')
const objectsOf = (cluster: string) =>
  (demoInventory(AT).find((one) => one.cluster === cluster)?.changes ?? []).flatMap((change) =>
    change.what === 'object' ? [change.object] : [],
  )

it('has every policy that the records of the demo clusters name, and one of each that they never name', () => {
  const cilium = objectsOf('demo').filter(({ kind }) => kind === 'CiliumNetworkPolicy')
  const named = new Set(CALLS.flatMap(({ from, policy }) => (policy ? [`${from.split('/')[0]}/${policy}`] : [])))
  const known = cilium.map(({ namespace, name }) => `${namespace}/${name}`)
  expect(known.filter((name) => !named.has(name))).toEqual(['agents/legacy-tools-to-billing'])
  expect([...named].filter((name) => !known.includes(name))).toEqual([])

  const calico = objectsOf('demo-calico').filter(({ kind }) => kind.endsWith('NetworkPolicy'))
  const lines = goldmaneLines({ seed: 7, startMs: AT - 900_000, endMs: AT }).join('\n')
  expect(calico.filter(({ name }) => !lines.includes(`"${name}"`)).map(({ name }) => name)).toEqual(['allow-backup'])
  for (const name of ['allow-inference', 'isolate-vectors', 'lock-down'])
    expect(calico.map((one) => one.name)).toContain(name)
})

it('names each object once, so that telling it again changes nothing', () => {
  for (const { cluster } of demoInventory(AT)) {
    const keys = objectsOf(cluster).map(({ kind, namespace, tier, name }) =>
      JSON.stringify([kind, namespace, tier, name]),
    )
    expect(new Set(keys).size).toBe(keys.length)
  }
})
