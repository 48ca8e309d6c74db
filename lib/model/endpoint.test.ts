import { describe, expect, it } from 'vitest'
import { workloadFromPodName } from './endpoint'

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
