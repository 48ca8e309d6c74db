import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bestVerdict, CAPABILITIES, type Reach } from './best-verdict'
import { WAY_IDS, type WayId } from './ways'

const reaches = (...ways: WayId[]): Readonly<Record<string, Reach>> => {
  const verdict = bestVerdict(ways)
  return Object.fromEntries(CAPABILITIES.map((capability) => [capability, verdict[capability].reach]))
}
const door = (...ways: WayId[]) => bestVerdict(ways).doors

describe('the best verdict of a set-up', () => {
  it('of Cilium alone: decisions, most policies, and doors of gateway traffic only', () => {
    const cilium = {
      decision: 'yes',
      policies: 'partly',
      pending: 'partly',
      names: 'partly',
      calls: 'no',
      doors: 'partly',
    }
    expect(reaches('hubble-exporter')).toEqual(cilium)
    expect(reaches('hubble-relay')).toEqual(cilium)
  })

  it('of open-source Calico alone: policies and pending, but no name outside and no door', () => {
    expect(reaches('goldmane')).toEqual({
      decision: 'yes',
      policies: 'yes',
      pending: 'yes',
      names: 'no',
      calls: 'no',
      doors: 'no',
    })
    expect(door('goldmane').why).toContain('unverified')
  })

  it('of Goldmane with NAT records proves nothing until somebody says whose address it is, and what the server is called', () => {
    expect(door('goldmane', 'nat-gcp')).toMatchObject({ reach: 'no', add: ['kubernetes'] })
    expect(door('goldmane', 'nat-gcp', 'kubernetes')).toMatchObject({ reach: 'no', add: ['coredns'] })
    expect(door('goldmane', 'nat-gcp', 'kubernetes', 'coredns').reach).toBe('yes')
  })

  it('of Calico Enterprise names hosts, and proves no door by the ports of its SNAT', () => {
    expect(reaches('calico-logs')).toMatchObject({ policies: 'yes', pending: 'yes', names: 'yes', doors: 'no' })
    expect(door('calico-logs', 'nat-node')).toMatchObject({ reach: 'partly', add: ['coredns'] })
  })

  it('of traces alone: calls, by the program’s own word, and nothing of policies or doors', () => {
    expect(reaches('otel-exporter')).toEqual({
      decision: 'no',
      policies: 'no',
      pending: 'no',
      names: 'partly',
      calls: 'yes',
      doors: 'no',
    })
  })

  it('of Azure’s NAT log never proves a door', () => {
    for (const flows of ['calico-logs', 'goldmane', 'otel-collector'] as const)
      expect(door(flows, 'nat-azure', 'kubernetes', 'coredns').reach).toBe('no')
  })

  it('of the AWS log proves some doors, of an exact log all that it translates', () => {
    expect(door('hubble-exporter', 'nat-aws')).toMatchObject({ reach: 'partly', add: ['nat-node'] })
    expect(door('hubble-exporter', 'nat-gcp').reach).toBe('yes')
    expect(door('nat-gcp')).toMatchObject({ reach: 'no', add: ['kubernetes'] })
  })

  it('says no to everything where nothing is connected', () => {
    expect(new Set(Object.values(reaches()))).toEqual(new Set(['no']))
  })

  it('never says that a door is proven without a NAT record, and offers only what is not there yet', () => {
    fc.assert(
      fc.property(fc.subarray([...WAY_IDS]), (ways) => {
        const verdict = bestVerdict(ways)
        const hasProof = ways.some((id) => id === 'nat-gcp' || id === 'nat-node')
        if (!hasProof) expect(verdict.doors.reach).not.toBe('yes')
        for (const capability of CAPABILITIES)
          for (const id of verdict[capability].add ?? []) if (capability !== 'doors') expect(ways).not.toContain(id)
      }),
    )
  })

  it('of more sources is never less', () => {
    const rank: Readonly<Record<Reach, number>> = { no: 0, partly: 1, yes: 2 }
    fc.assert(
      fc.property(fc.subarray([...WAY_IDS]), fc.constantFrom(...WAY_IDS), (ways, more) => {
        const [less, both] = [bestVerdict(ways), bestVerdict([...ways, more])]
        for (const capability of CAPABILITIES)
          expect(rank[both[capability].reach]).toBeGreaterThanOrEqual(rank[less[capability].reach])
      }),
      { numRuns: 5000 },
    )
  })
})
