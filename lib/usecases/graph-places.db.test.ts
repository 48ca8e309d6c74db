import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { GraphLayout } from '@/lib/model/graph-layout'
import { LIMITS } from '@/lib/model/limits'
import { query, useDatabase } from '@/lib/store/client'
import { createTestDatabase } from '@/lib/store/test-database'
import { changePlaces, readPlaces } from './graph-places'

const VIEW = { dataset: '', key: 'c/ai/workload' }
const at = (...nodes: GraphLayout['nodes']): GraphLayout => ({ nodes, routes: [] })

let database: Awaited<ReturnType<typeof createTestDatabase>>
beforeAll(async () => {
  database = await createTestDatabase()
  await useDatabase(database.url)
}, 120_000)
afterAll(async () => {
  await useDatabase(undefined)
  await database.drop()
})
beforeEach(async () => {
  await query('DELETE FROM graph_layout')
})

describe('places of a view', () => {
  it('nothing is known of a view that nobody looked at, and asking makes no row', async () => {
    expect(await readPlaces(VIEW)).toEqual({ nodes: [], routes: [] })
    expect(await query('SELECT FROM graph_layout')).toEqual([])
  })

  it('first visitors at the same time end with one layout, which each of them is told', async () => {
    const visitors = Array.from({ length: 8 }, (_, who) => at(['1', who, who], ['2', who + 100, who]))
    const told = await Promise.all(visitors.map((layout) => changePlaces(VIEW, 'first', layout)))
    const stands = await readPlaces(VIEW)
    expect(visitors).toContainEqual(stands)
    for (const layout of told) expect(layout).toEqual(stands)
  })

  it('people who move different nodes at the same time both keep what they did; a node has the place it was given last', async () => {
    await changePlaces(VIEW, 'first', at(['1', 0, 0], ['2', 0, 0], ['3', 9, 9]))
    await Promise.all([
      changePlaces(VIEW, 'moved', at(['1', 11, 0])),
      changePlaces(VIEW, 'moved', at(['2', 22, 0])),
      changePlaces(VIEW, 'new', at(['3', 1, 1], ['4', 44, 0])),
    ])
    await changePlaces(VIEW, 'moved', at(['1', 12, 0]))
    const { nodes } = await readPlaces(VIEW)
    expect(Object.fromEntries(nodes.map(([id, x]) => [id, x]))).toEqual({ '1': 12, '2': 22, '3': 9, '4': 44 })
  })

  it('ways of edges come back as they were told', async () => {
    const layout: GraphLayout = { nodes: [['g0123456789abcdef', 1, 2]], routes: [['-9', [1, 2, 3, 4, 5, 6]]] }
    await changePlaces(VIEW, 'first', layout)
    expect(await readPlaces(VIEW)).toEqual(layout)
  })

  it('a view too many is kept, and the one that nobody looked at for longest is forgotten', async () => {
    await query(
      `INSERT INTO graph_layout (dataset, view_key, nodes, routes, used_at)
       SELECT '', 'old-' || n, '[["1",0,0]]', '[]', now() - n * interval '1 hour' FROM generate_series(1, $1::int) n`,
      [LIMITS.layoutViews],
    )
    // Somebody looks at the oldest: it is no longer that.
    expect((await readPlaces({ dataset: '', key: `old-${LIMITS.layoutViews}` })).nodes).toHaveLength(1)
    await changePlaces(VIEW, 'first', at(['1', 0, 0]))
    const rows = await query<{ key: string }>('SELECT view_key AS key FROM graph_layout')
    const keys = rows.map(({ key }) => key)
    expect(keys).toHaveLength(LIMITS.layoutViews)
    expect(keys).toContain(VIEW.key)
    expect(keys).toContain(`old-${LIMITS.layoutViews}`)
    expect(keys).not.toContain(`old-${LIMITS.layoutViews - 1}`)
  })

  it('a dataset that is not there, or is being deleted, gets no places and does not come to be by them', async () => {
    await query(`INSERT INTO dataset (name, deleting_at) VALUES ('going', now()), ('here', NULL)`)
    for (const dataset of ['unseen', 'going'])
      await expect(changePlaces({ dataset, key: 'v' }, 'first', at(['1', 0, 0]))).rejects.toMatchObject({
        code: 'not_found',
      })
    expect(await query(`SELECT FROM dataset WHERE name = 'unseen'`)).toEqual([])
    await changePlaces({ dataset: 'here', key: 'v' }, 'first', at(['1', 5, 5]))
    expect(await readPlaces({ dataset: 'here', key: 'v' })).toEqual(at(['1', 5, 5]))
    await expect(readPlaces({ dataset: 'Not A Name', key: 'v' })).rejects.toMatchObject({ code: 'bad_request' })
  })

  it('what another version stored in another form counts as nothing, and is replaced', async () => {
    await query(`INSERT INTO graph_layout (dataset, view_key, nodes, routes) VALUES ('', $1, '{"1": [0]}', '[]')`, [
      VIEW.key,
    ])
    expect(await readPlaces(VIEW)).toEqual({ nodes: [], routes: [] })
    await changePlaces(VIEW, 'first', at(['1', 3, 3]))
    expect(await readPlaces(VIEW)).toEqual(at(['1', 3, 3]))
  })
})
