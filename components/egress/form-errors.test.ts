import { expect, it } from 'vitest'
import { fieldOf } from './form-errors'

it.each([
  ['egressRules[0].providers[1]', 'providers'],
  ['egressRules[0].workloads.namespaces[0]', 'workloads.namespaces'],
  ['egressRules[0].workloads.podLabels.a.b/c', 'workloads.podLabels'],
  ['egressRules[0].sanctionedSources[2].cidr', 'sanctionedSources'],
  ['egressPoints[0].privateCidrs', 'privateCidrs'],
  ['egressPoints[0].gateway.nodeSelector.pool', 'gateway.nodeSelector'],
  ['paths[0].map.10.0.0.1', 'map'],
  ['paths[0].final', 'final'],
  ['denyProviders[0]', 'name'],
  ['egressRules[0]', 'root'],
  ['name', 'name'],
  ['', 'root'],
])('an issue at %s is shown at the field %s', (path, field) => {
  expect(fieldOf({ path })).toBe(field)
})
