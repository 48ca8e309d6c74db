import fc from 'fast-check'
import { expect, it } from 'vitest'
import { chipOf } from '@/lib/model/filter-chip'
import { parsePolicyId, policyId } from '@/lib/model/policy-report'
import { DEFAULT_VIEW, type GraphView, parseGraphView } from './graph-view'
import {
  addPoliciesView,
  DEFAULT_POLICIES_VIEW,
  POLICIES_ONLY,
  POLICIES_SORTS,
  parsePoliciesView,
  policyHref,
} from './policies-view'

const ODD = ['&=%+#?', 'ä/ö', '\u202e', '😀', '__proto__', '"],["', '\n']
const text = (maxLength: number) => fc.oneof(fc.string({ maxLength }), fc.constantFrom(...ODD))

it('a link of the policies page opens the same view again, whatever names hold', () => {
  const view = fc.record({
    only: fc.subarray([...POLICIES_ONLY]),
    kind: text(32),
    text: text(40),
    sort: fc.constantFrom('' as const, ...POLICIES_SORTS),
    isDescending: fc.boolean(),
    open: text(200),
  })
  fc.assert(
    fc.property(view, (one) => {
      const view = { ...one, isDescending: one.isDescending && one.sort !== '' }
      const link = addPoliciesView(new URLSearchParams('from=now-1h'), view).toString()
      expect(parsePoliciesView(new URLSearchParams(link))).toEqual(view)
      expect(new URLSearchParams(link).get('from')).toBe('now-1h')
    }),
  )
})

it('broken values fall back to the default, and the default is not written', () => {
  expect(parsePoliciesView(new URLSearchParams('only=x&sort=-nothing&policy='))).toEqual(DEFAULT_POLICIES_VIEW)
  expect(addPoliciesView(new URLSearchParams('only=never&sort=-last'), DEFAULT_POLICIES_VIEW).toString()).toBe('')
})

it('a link to a policy opens it in the same window, dataset and cluster, and leaves filters, selection and replay behind', () => {
  const place = { from: 'now-1d/d', to: 'now-1d/d', zone: 'Europe/Berlin', dataset: 'a&b', cluster: 'c1' }
  const view: GraphView = {
    ...DEFAULT_VIEW,
    ...place,
    namespaces: ['ml'],
    chips: [chipOf('source', 'namespace', 'shop')],
    selected: 'edge:1',
    at: '1795416105000',
  }
  const id = policyId({ cluster: 'c1', kind: 'NetworkPolicy', namespace: 'm&l', tier: '', name: '"#' })
  const { pathname, searchParams } = new URL(policyHref(view, id), 'http://x')
  expect(pathname).toBe('/policies')
  expect(parsePoliciesView(searchParams)).toEqual({ ...DEFAULT_POLICIES_VIEW, open: id })
  expect(parseGraphView(searchParams)).toEqual({ ...DEFAULT_VIEW, ...place })
})

it('a policy’s id is its identity and nothing else, whatever its names hold', () => {
  const name = text(60)
  const policy = fc.record({ cluster: name, kind: name, namespace: name, tier: name, name })
  fc.assert(
    fc.property(policy, fc.constantFrom('hubble' as const, 'calico' as const, undefined), (ref, engine) => {
      const whole = { ...ref, ...(engine && { engine }) }
      expect(parsePolicyId(policyId(whole))).toEqual(whole)
    }),
  )
  for (const broken of [
    '',
    '[]',
    '{}',
    '["a","x","k","n","t","m"]',
    '[1,2,3,4,5,6]',
    'null',
    '[',
    `["${'a'.repeat(3000)}","","","","",""]`,
  ])
    expect(parsePolicyId(broken)).toBeUndefined()
})
