import { expect, it } from 'vitest'
import { chipOf } from '@/lib/model/filter-chip'
import { LIMITS } from '@/lib/model/limits'
import { DEFAULT_VIEW } from './graph-view'
import { layoutKeyOf } from './layout-key'

it('places are remembered per cluster, lens, level and place; filters and time share them', () => {
  const base = layoutKeyOf(DEFAULT_VIEW, 'workload')
  const others = [
    layoutKeyOf(DEFAULT_VIEW, 'namespace'),
    layoutKeyOf({ ...DEFAULT_VIEW, cluster: 'a' }, 'workload'),
    layoutKeyOf({ ...DEFAULT_VIEW, scope: 'all' }, 'workload'),
    layoutKeyOf({ ...DEFAULT_VIEW, inside: { cluster: 'a' } }, 'workload'),
    layoutKeyOf({ ...DEFAULT_VIEW, inside: { cluster: 'a', namespace: 'b' } }, 'workload'),
    layoutKeyOf({ ...DEFAULT_VIEW, inside: { cluster: 'a/b' } }, 'workload'),
  ]
  expect(new Set([base, ...others]).size).toBe(others.length + 1)
  expect(layoutKeyOf({ ...DEFAULT_VIEW, level: 'workload' }, undefined)).toBe(base)
  const filtered = {
    ...DEFAULT_VIEW,
    chips: [chipOf('either', 'text', 'x')],
    namespaces: ['n'],
    from: 'now-1h',
    isOnlyProblems: true,
  }
  expect(layoutKeyOf(filtered, 'workload')).toBe(base)
})

it('names of any length stay within the limit and apart', () => {
  const inside = (workload: string) => ({ cluster: 'ü'.repeat(200), namespace: 'n'.repeat(253), workload })
  const keys = ['a', 'b'].map((name) => layoutKeyOf({ ...DEFAULT_VIEW, inside: inside(name.repeat(253)) }, 'workload'))
  expect(new Set(keys).size).toBe(2)
  for (const key of keys) expect(key.length).toBeLessThanOrEqual(LIMITS.layoutKeyChars)
})
