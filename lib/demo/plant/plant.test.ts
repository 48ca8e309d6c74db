import { describe, expect, it } from 'vitest'
import { SCENARIOS } from './all-scenarios'
import { bodiesOf, inventoriesOf, shuffled } from './bodies'
import { findingsOf } from './finding-labels'
import { labelsOf, truthOf } from './labels'
import { VARIANTS, VECTORS, vectorScenario } from './vectors'

const AT = Date.parse('2026-11-24T12:00:00Z')
const kinds = (of: (typeof SCENARIOS)[number]) => of.observers.map(({ kind }) => kind)

describe('the plant', () => {
  it('has at least forty scenarios, half of which look other than they are, over both CNIs, spans and NAT logs', () => {
    expect(SCENARIOS.length).toBeGreaterThanOrEqual(40)
    expect(SCENARIOS.filter(({ looks }) => looks !== 'as it is').length).toBeGreaterThanOrEqual(SCENARIOS.length / 2)
    for (const looks of ['bad, is fine', 'fine, is bad'])
      expect(SCENARIOS.filter((one) => one.looks === looks).length).toBeGreaterThanOrEqual(SCENARIOS.length / 4)
    for (const kind of [
      'hubble',
      'goldmane',
      'calico-enterprise',
      'conntrack',
      'ulogd',
      'gcp-nat',
      'aws-vpc',
      'cloudtrail',
    ])
      expect([kind, SCENARIOS.some((one) => kinds(one).some((own) => own === kind))]).toEqual([kind, true])
    expect(SCENARIOS.some(({ spans }) => spans !== undefined)).toBe(true)
  })

  it('has for each detector at least two cases to find, and two to leave alone', () => {
    const detectors = Array.from({ length: 18 }, (_, at) => `D${at + 1}`)
    const found = SCENARIOS.flatMap(findingsOf).map(({ detector }) => String(detector))
    const guarded = SCENARIOS.flatMap(({ guards = {} }) => Object.keys(guards))
    const times = (all: readonly string[], id: string) => all.filter((one) => one === id).length
    expect(detectors.filter((id) => times(found, id) < 2)).toEqual([])
    expect(detectors.filter((id) => times(guarded, id) < 2)).toEqual([])
  })

  it('names for each silence the case in which the detector speaks', () => {
    const finders = new Map(SCENARIOS.map((one) => [one.name, findingsOf(one).map(({ detector }) => String(detector))]))
    for (const { name, guards = {} } of SCENARIOS)
      for (const [detector, speaksIn] of Object.entries(guards)) {
        expect([name, detector, finders.get(name)?.includes(detector)]).toEqual([name, detector, false])
        expect([name, speaksIn, finders.get(speaksIn ?? '')?.includes(detector)]).toEqual([name, speaksIn, true])
      }
  })

  it('gives each scenario a cluster of its own, and each call an id of its own', () => {
    const names = SCENARIOS.map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
    for (const { name, calls } of SCENARIOS)
      expect([name, new Set(calls.map(({ id }) => id)).size]).toEqual([name, calls.length])
  })

  it('knows of every state that a door can have a case that is provable', () => {
    const states = new Set(SCENARIOS.flatMap(labelsOf).map(({ state }) => state))
    expect([...states].sort()).toEqual(
      ['blocked', 'broken', 'no_rule', 'not_applicable', 'sanctioned', 'unjudged', 'unverified', 'violation'].sort(),
    )
  })

  it('never labels a call as proven that is truly otherwise', () => {
    for (const label of SCENARIOS.flatMap(labelsOf)) {
      if (label.state === 'sanctioned')
        expect([label.call.id, truthOf(label.call)]).toEqual([label.call.id, 'sanctioned'])
      if (label.state === 'violation') expect([label.call.id, truthOf(label.call)]).toEqual([label.call.id, 'outside'])
    }
  })

  it('says the same for the same time, in an order that follows from the seed', () => {
    for (const scenario of SCENARIOS) {
      expect(bodiesOf(scenario, AT)).toEqual(bodiesOf(scenario, AT))
      expect(inventoriesOf(scenario, AT)).toEqual(inventoriesOf(scenario, AT))
    }
    const numbers = Array.from({ length: 50 }, (_, at) => at)
    expect(shuffled(numbers, 7)).toEqual(shuffled(numbers, 7))
    expect(shuffled(numbers, 7)).not.toEqual(shuffled(numbers, 8))
    expect(shuffled(numbers, 7).sort((a, b) => a - b)).toEqual(numbers)
  })

  it('puts beside each vector’s call neighbours that left by the other door', () => {
    // A private endpoint is reached by no door.
    for (const vector of VECTORS.filter(({ topology }) => topology !== 'none'))
      for (const variant of VARIANTS) {
        const [own, ...neighbours] = vectorScenario(vector, variant).calls
        for (const { seenAs } of neighbours) expect([variant, seenAs === own?.seenAs]).toEqual([variant, false])
      }
  })
})
