import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { PlantBody } from '@/lib/demo/plant/bodies'
import {
  expectedOf,
  GROUP,
  groupScenario,
  VARIANTS,
  VECTOR_CALL,
  VECTORS,
  vectorScenario,
} from '@/lib/demo/plant/vectors'
import { useDatabase } from '@/lib/store/client'
import { createTestDatabase } from '@/lib/store/test-database'
import { falseJudgements, pairUp, saidOf, wrongJudgements } from '@/lib/usecases/__fixtures__/truth-compare'
import { allLabels, judgementCounts, type Outcome, runPlant } from '@/lib/usecases/__fixtures__/truth-run'
import { createApiToken } from '@/lib/usecases/api-tokens'
import { postToRoutes } from './__fixtures__/routes'

vi.mock('@/lib/env', async (load) => {
  const real = await load<typeof import('@/lib/env')>()
  return { ...real, env: () => ({ ...real.env(), POSTERN_ADMIN_TOKEN: 'admin-token-of-the-vector-test' }) }
})

const CASES = VECTORS.flatMap((vector) =>
  VARIANTS.map((variant) => ({ vector, variant, scenario: vectorScenario(vector, variant) })),
)
const GROUPS = [groupScenario(false), groupScenario(true)]
const SCENARIOS = [...CASES.map(({ scenario }) => scenario), ...GROUPS]
const LABELS = allLabels(SCENARIOS)
const noProbe = () => Promise.reject(new Error('no vector has a probe'))
const PROVEN: readonly (string | null)[] = ['sanctioned', 'violation']

describe('the decision vectors that something decides, as wire bytes over HTTP', () => {
  let database: Awaited<ReturnType<typeof createTestDatabase>>
  let outcome: Outcome

  beforeAll(async () => {
    database = await createTestDatabase()
    await useDatabase(database.url)
    const nowMs = Date.now()
    const tokens = {
      ingest: (await createApiToken({ name: 'records', scopes: ['ingest'] }, nowMs)).token,
      'nat-evidence': (await createApiToken({ name: 'hops', scopes: ['nat-evidence'] }, nowMs)).token,
    }
    const send = async (body: PlantBody) => {
      const { status, answer } = await postToRoutes(body, tokens[body.token])
      expect([body.cluster, status, answer]).toEqual([body.cluster, 200, expect.objectContaining({ rejected: 0 })])
    }
    outcome = await runPlant(SCENARIOS, { seed: 3, nowMs, send, probe: noProbe })
  }, 120_000)
  afterAll(async () => {
    await useDatabase(undefined)
    await database.drop()
  })

  const pairOf = (name: string, connections = outcome.connections) =>
    pairUp(LABELS, connections, outcome.baseMs).pairs.find(
      ({ label }) => label.cluster === name && label.call.id === VECTOR_CALL,
    )

  it.each(CASES.map((one) => [one.scenario.name, one] as const))('%s', (name, { vector, variant }) => {
    const pair = pairOf(name)
    expect(pair && saidOf(pair)).toBe(expectedOf(vector, variant))
    // The plant's own labels come from rules of its own.
    expect(pair?.label.state).toBe(expectedOf(vector, variant))
  })

  it('neighbours are judged by what is theirs', () => {
    const { pairs, strangers } = pairUp(LABELS, outcome.connections, outcome.baseMs)
    expect([...falseJudgements(pairs, strangers), ...wrongJudgements(pairs)]).toEqual([])
  })

  it('what came half an hour late was judged before and is judged again, and both judgements are kept', async () => {
    const counts = await judgementCounts()
    const late = CASES.filter(({ vector, variant }) => variant === 'late' && PROVEN.includes(vector.expect))
    expect(late.length).toBeGreaterThan(5)
    for (const { scenario, vector } of late) {
      const [before, after] = [pairOf(scenario.name, [...(outcome.onTheWay.at(-1) ?? [])]), pairOf(scenario.name)]
      expect([scenario.name, before && saidOf(before), after && saidOf(after)]).toEqual([
        scenario.name,
        'unverified',
        vector.expect,
      ])
      expect(counts.get(after?.seen[0]?.id ?? '')).toBeGreaterThanOrEqual(2)
    }
  })

  it.each(GROUPS.map(({ name }) => name))('%s: each of the connections is counted as what is known of it', (name) => {
    const states = outcome.connections.filter(({ cluster }) => cluster === name).map(({ state }) => state)
    const count = (state: string) => states.filter((one) => one === state).length
    expect([count('sanctioned'), count('violation'), count('unverified')]).toEqual([
      GROUP.right,
      GROUP.wrong,
      GROUP.unknown,
    ])
  })
})

const CORPUS = path.resolve(import.meta.dirname, '../../../../shared/corpus/nat/evidence-vectors.json')
describe.skipIf(!existsSync(CORPUS))('the corpus’ list of decision vectors', () => {
  it('has no decision that is not among them', () => {
    const { vectors }: { vectors: { n: number; expect: string }[] } = JSON.parse(readFileSync(CORPUS, 'utf8'))
    const decided = vectors.filter(({ expect: state }) => state !== 'unverified').map(({ n }) => n)
    const ours = [...VECTORS.flatMap(({ corpus }) => corpus ?? []), GROUP.corpus].sort((a, b) => a - b)
    expect(ours).toEqual(decided)
  })
})
