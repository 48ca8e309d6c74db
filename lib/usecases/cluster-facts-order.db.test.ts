import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { SLOT_MS } from '@/lib/findings/facts'
import { query, useDatabase } from '@/lib/store/client'
import { rollUpBuckets } from '@/lib/store/roll-up-buckets'
import { createTestDatabase } from '@/lib/store/test-database'
import { CLUSTER, corednsLine, EGRESS_YAML, forgetScene, sendQuestions } from './__fixtures__/calico-scene'
import { goldmaneLine, hubbleLine, sendGoldmaneLines, sendHubble, sendSpans } from './__fixtures__/facts-scene'
import { clusterFacts } from './cluster-facts'
import { setEgressConfig } from './egress-config'
import { judgeEgress } from './judge-egress'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const NOW = Math.floor(Date.now() / HOUR) * HOUR - HOUR + 25 * MINUTE
const SLOT = Math.floor(NOW / SLOT_MS) * SLOT_MS

let database: Awaited<ReturnType<typeof createTestDatabase>>

beforeAll(async () => {
  database = await createTestDatabase()
  await useDatabase(database.url)
  setEgressConfig({ fileText: EGRESS_YAML })
})
afterAll(async () => {
  await useDatabase(undefined)
  await database.drop()
})

const forget = async () => {
  await forgetScene()
  // Labels stay: the process remembers that they are stored.
  await query('TRUNCATE edge_first_seen, span, span_bridge, judged_edge, denial_seen')
}

/** A record, and how it is sent. */
type Record = () => Promise<unknown>

/** Records of every kind that facts are made of, up to half an hour old. Made once: sent again in another order they are the same. */
const RECORDS: readonly Record[] = Array.from({ length: 24 }, (_, n): Record[] => {
  const atMs = SLOT - 30 * MINUTE + n * 97_000
  const line = hubbleLine({
    atMs,
    app: `agent${n % 3}`,
    clientPort: 40_000 + n,
    ...(n % 4 === 0
      ? {
          server: { namespace: 'ai', app: 'vectors', labels: ['k8s:app.kubernetes.io/name=qdrant'] },
          serverIp: '10.244.3.3',
          serverPort: 6333,
        }
      : { names: ['api.openai.com'] }),
    ...(n % 5 === 0 && { verdict: 'DROPPED' as const }),
  })
  const span = {
    atMs,
    app: `agent${n % 3}`,
    attributes: {
      'gen_ai.provider.name': 'openai',
      'http.request.method': 'POST',
      'server.address': 'api.openai.com',
      n,
    },
  }
  const interval = goldmaneLine({
    startMs: atMs,
    seconds: n % 2 ? 15 : 300,
    set: 'ai-provider-openai',
    bytesOut: n * 1000,
  })
  return [
    () => sendHubble([line], NOW, { cluster: CLUSTER }),
    ...(n % 3 === 0 ? [() => sendGoldmaneLines([interval], NOW, 'goldmane')] : []),
    ...(n % 6 === 0 ? [() => sendSpans([span], NOW, CLUSTER)] : []),
    ...(n % 8 === 0 ? [() => sendQuestions([corednsLine(`10.244.1.${n}`, 'api.openai.com', atMs)], NOW)] : []),
  ]
}).flat()

/** Facts but addresses of exemplars: a process keeps two of a variant and 15 seconds, and does so once. */
async function facts(): Promise<unknown> {
  await judgeEgress()
  const plain = (key: string, value: unknown) =>
    key === 'ips' ? undefined : value instanceof Map ? [...value] : value instanceof Set ? [...value].sort() : value
  return JSON.parse(JSON.stringify(await clusterFacts(NOW, 'all'), plain))
}

it('late and shuffled records give the same facts, whenever they were added up or looked at in between', async () => {
  await forget()
  for (const send of RECORDS) await send()
  const expected = await facts()
  expect(JSON.stringify(expected)).toContain('api.openai.com')
  await fc.assert(
    fc.asyncProperty(
      fc.shuffledSubarray(RECORDS.slice(), { minLength: RECORDS.length }),
      fc.array(fc.nat(RECORDS.length - 1), { maxLength: 3 }),
      async (records, pauses) => {
        await forget()
        for (const [index, send] of records.entries()) {
          await send()
          if (!pauses.includes(index)) continue
          await clusterFacts(NOW, 'all')
          await rollUpBuckets({ nowMs: Date.now() + 2 * HOUR })
        }
        expect(await facts()).toEqual(expected)
      },
    ),
    { numRuns: 4 },
  )
}, 60_000)
