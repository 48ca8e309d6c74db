import { describe, expect, it } from 'vitest'
import { edge, facts, known, NOW, provider, spans, workload } from './__fixtures__/cluster-facts'
import { d10 } from './d10-large-upload'
import { type ClusterFacts, type HourVolume, LEARNING_MS, volumeKey } from './facts'

const HOUR = 3_600_000
const LAST = Math.floor(NOW / HOUR) * HOUR - HOUR
const planner = workload('agents/planner')
const MB = 1_000_000
const hour = (sent: number, ago: number, received = sent / 10): HourVolume => ({
  startMs: LAST - ago * HOUR,
  sent,
  received,
})
/** Eight days of 4, 6, 4, 6 … MB an hour: median 5 MB, MAD 1 MB. */
const usual = (scale = 1): HourVolume[] =>
  Array.from({ length: 192 }, (_, at) => hour((at % 2 === 0 ? 4 : 6) * MB * scale, at + 1))
const found = (hours: readonly HourVolume[], parts: Partial<ClusterFacts> = {}) =>
  d10.detect(
    facts({
      volumes: new Map([[volumeKey(planner, 'openai'), hours]]),
      edges: [edge(planner, provider('openai'))],
      workloads: [known(planner)],
      ...parts,
    }),
  )

describe('D10', () => {
  it('is medium and possible where an hour is far above what is usual', () => {
    expect(found([...usual(), hour(51 * MB, 0)])).toMatchObject([
      {
        workload: 'agents/planner',
        target: 'OpenAI',
        severity: 'medium',
        certainty: 'possible',
        title: 'agents/planner sent 51 MB to OpenAI in one hour, far above its usual 5 MB: possible data exfiltration.',
        shown: { kind: 'slots', slots: [{ startMs: LAST, count: 1 }] },
      },
    ])
  })

  it('never says exfiltration without possible', () => {
    for (const found51 of found([...usual(), hour(51 * MB, 0)]))
      for (const said of [found51.title, ...found51.facts, found51.disproof])
        expect(said.replace('possible data exfiltration', '')).not.toMatch(/exfiltrat/i)
  })

  it('keeps silent up to the floor of 50 MB, however little is usual', () => {
    expect(found([...usual(), hour(50 * MB, 0)])).toEqual([])
    expect(found([...usual(0.001), hour(50 * MB, 0)])).toEqual([])
  })

  it('keeps silent up to the median and six deviations', () => {
    // Median 500 MB, MAD 100 MB.
    expect(found([...usual(100), hour(1_100 * MB, 0)])).toEqual([])
    expect(found([...usual(100), hour(1_101 * MB, 0)])).toHaveLength(1)
  })

  it('keeps silent where as much came back: that is a conversation', () => {
    expect(found([...usual(), hour(80 * MB, 0, 41 * MB)])).toEqual([])
    expect(found([...usual(), hour(80 * MB, 0, 40 * MB)])).toHaveLength(1)
  })

  it('learns for seven days: of the cluster, and of the workload', () => {
    const hours = [...usual(), hour(51 * MB, 0)]
    expect(d10.isLearning).toBe(true)
    expect(found(hours, { learningSinceMs: NOW - LEARNING_MS + 1 })).toEqual([])
    expect(found(hours, { workloads: [known(planner, { firstEverMs: NOW - LEARNING_MS + 1 })] })).toEqual([])
  })

  it('keeps silent where too few hours tell what is usual, and for an hour that is not the last', () => {
    expect(found([...usual().slice(0, 6), hour(51 * MB, 0)])).toEqual([])
    expect(found([...usual().slice(0, 7), hour(51 * MB, 0)])).toHaveLength(1)
    expect(found([hour(51 * MB, 1), ...usual().slice(1)])).toEqual([])
  })

  it('is low where traces tell of uploads of files: the workload’s word lowers, and does not acquit', () => {
    const edges = [
      edge(planner, provider('openai'), { spans: spans({ paths: ['/v1/chat/completions', '/v1/files'] }) }),
    ]
    expect(found([...usual(), hour(51 * MB, 0)], { edges })).toMatchObject([{ severity: 'low' }])
    const chat = [edge(planner, provider('openai'), { spans: spans({ paths: ['/v1/chat/completions'] }) })]
    expect(found([...usual(), hour(51 * MB, 0)], { edges: chat })).toMatchObject([{ severity: 'medium' }])
  })
})
