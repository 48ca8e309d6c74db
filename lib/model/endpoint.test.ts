import { describe, expect, it } from 'vitest'
import { endpointLabel, workloadFromPodName } from './endpoint'

describe('the workload that a pod’s name tells', () => {
  it.each([
    ['checkout-598d5b586d-x2x5v', 'checkout'],
    ['checkout-598d5b586d-*', 'checkout'],
    ['fluent-bit-x2x5v', 'fluent-bit'],
    ['redis-0', 'redis'],
    ['backup-29345671-x2x5v', 'backup'],
    ['backup-29345671-*', 'backup'],
    ['backup-1760740260-x2x5v', 'backup'],
    ['toolbox', 'toolbox'],
    // No safe suffix: vowels and 0, 1, 3 never occur in generated names.
    ['data-loader', 'data-loader'],
    ['v2-alpha', 'v2-alpha'],
  ])('%s → %s', (pod, workload) => {
    expect(workloadFromPodName(pod)).toBe(workload)
  })
})

describe('what a person reads for an endpoint', () => {
  it.each([
    [{ class: 'workload', namespace: 'shop', name: 'cart' }, 'shop / cart'],
    [{ class: 'workload', namespace: '', name: 'cart' }, 'cart'],
    [{ class: 'external', namespace: '', name: '198.51.100.7' }, '198.51.100.7'],
    // Where the source told no address at all: never a name, and never "internet" as if that were one peer.
    [{ class: 'internet', namespace: '', name: '' }, 'public internet (unresolved)'],
    [{ class: 'network-set', namespace: 'net', name: 'partners' }, 'net / partners'],
    [{ class: 'host', namespace: '', name: '' }, 'cluster nodes'],
    [{ class: 'database', namespace: '', name: 'postgresql/shop' }, 'PostgreSQL shop'],
    [{ class: 'claimed', namespace: '', name: 'api' }, 'api (host not told)'],
  ] as const)('%o is %s', (endpoint, label) => {
    expect(endpointLabel(endpoint)).toBe(label)
  })
})
