import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { LIMITS } from '@/lib/model/limits'
import { query, useDatabase } from '@/lib/store/client'
import { createTestDatabase } from '@/lib/store/test-database'
import { ownPresets, removePreset, savePreset } from './filter-presets'

const ANNA = 'Anna (signed in)'
const BEN = 'Ben (signed in)'
const NOBODY = '00000000-0000-4000-8000-000000000000'

let database: Awaited<ReturnType<typeof createTestDatabase>>
beforeAll(async () => {
  database = await createTestDatabase()
  await useDatabase(database.url)
})
afterAll(async () => {
  await useDatabase(undefined)
  await database.drop()
})
beforeEach(() => query('TRUNCATE filter_preset, audit_entry'))

const told = () =>
  query<{ actor: string; action: string; subject: string; detail: object }>(
    'SELECT actor, action, subject, detail FROM audit_entry ORDER BY ctid',
  )
const namesOf = async (actor: string) => (await ownPresets(actor)).presets.map(({ name }) => name)
const fill = (owner: string, count: number) =>
  query(
    `INSERT INTO filter_preset (owner, name, mode, expression) SELECT $1, 'v' || n, 'find', 'x' FROM generate_series(1, $2::int) n`,
    [owner, count],
  )

describe('presets of one’s own', () => {
  it('are their owner’s alone, by name, as they were written', async () => {
    await savePreset({ name: 'noise', mode: 'hide', expression: ' port = 53 ' }, ANNA)
    await savePreset({ name: 'Agents', mode: 'focus', expression: 'ns = agents +2' }, ANNA)
    await savePreset({ name: 'noise', mode: 'find', expression: '"a b" or not has change' }, BEN)
    expect(await ownPresets(ANNA)).toMatchObject({
      owner: ANNA,
      presets: [
        { name: 'Agents', mode: 'focus', expression: 'ns = agents +2' },
        { name: 'noise', mode: 'hide', expression: 'port = 53' },
      ],
    })
    expect((await ownPresets(BEN)).presets).toMatchObject([{ mode: 'find', expression: '"a b" or not has change' }])
    expect(await namesOf('local')).toEqual([])
  })

  it('are deleted by nobody else, and each change stands in the audit log once', async () => {
    const { id } = await savePreset({ name: 'noise', mode: 'hide', expression: 'port = 53' }, ANNA)
    await expect(removePreset(id, BEN)).rejects.toMatchObject({ code: 'not_found' })
    await expect(removePreset(NOBODY, ANNA)).rejects.toMatchObject({ code: 'not_found' })
    expect(await namesOf(ANNA)).toEqual(['noise'])
    await removePreset(id, ANNA)
    expect(await namesOf(ANNA)).toEqual([])
    const detail = { name: 'noise', mode: 'hide', expression: 'port = 53' }
    expect(await told()).toEqual([
      { actor: ANNA, action: 'preset.save', subject: `preset/${id}`, detail },
      { actor: ANNA, action: 'preset.delete', subject: `preset/${id}`, detail },
    ])
  })

  it.each([
    ['find', 'namspace = a', 'expression: unknown field “namspace”: did you mean namespace? (character 1)'],
    ['hide', 'ns = a +2', 'expression: “and” or “or” expected; a text with spaces stands in quotes (character 8)'],
    ['focus', ' +2', 'expression: it asks nothing'],
    ['find', '  ', 'expression: it asks nothing'],
  ] as const)('that ask nothing or cannot be read are refused: %s %j', async (mode, expression, message) => {
    await expect(savePreset({ name: 'x', mode, expression }, ANNA)).rejects.toMatchObject({
      code: 'bad_request',
      message,
    })
    expect(await told()).toEqual([])
  })

  it('have names of their own, of each owner', async () => {
    await savePreset({ name: 'a', mode: 'find', expression: 'x' }, ANNA)
    await expect(savePreset({ name: 'a', mode: 'hide', expression: 'y' }, ANNA)).rejects.toMatchObject({
      code: 'conflict',
    })
    await savePreset({ name: 'a', mode: 'hide', expression: 'y' }, BEN)
    const hostile = '<img src=x onerror=alert(1)>\u0000\u202e'
    await savePreset({ name: hostile, mode: 'find', expression: '__proto__' }, ANNA)
    expect(await namesOf(ANNA)).toHaveLength(2)
  })

  it('are bounded for each and for all, also where the last ones are saved at once', async () => {
    await fill(ANNA, LIMITS.filterPresets - 1)
    const save = (name: string, owner: string) => savePreset({ name, mode: 'find', expression: 'x' }, owner)
    const both = await Promise.allSettled(['p', 'q'].map((name) => save(name, ANNA)))
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    await save('p', BEN)
    await fill('many names', LIMITS.filterPresetsInAll - LIMITS.filterPresets - 1)
    await expect(save('q', BEN)).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('filterPresetsInAll'),
    })
  })
})
