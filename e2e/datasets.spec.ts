import AxeBuilder from '@axe-core/playwright'
import { hubbleLines } from '@/lib/demo/hubble-lines'
import type { DatasetReport } from '@/lib/model/dataset'
import { expect, test } from './fixtures'

const YEAR_AGO_MS = Date.parse('2025-11-20T10:00:00Z')
const lines = hubbleLines({ seed: 11, startMs: YEAR_AGO_MS, endMs: YEAR_AGO_MS + 5 * 60_000 }).join('\n')

for (const scheme of ['light', 'dark'] as const)
  test(`a pinned dataset is listed with its size, renamed, opened, and deleted by typing its name, in ${scheme}`, async ({
    browser,
    postern,
    request,
    baseURL,
  }) => {
    const name = `journey-${scheme}`
    const context = await browser.newContext({ colorScheme: scheme, ...(baseURL && { baseURL }) })
    const page = await context.newPage()
    // Too old for live data: the answer says how old, how far these go back, and what takes it.
    const refused = await (await postern.post(lines)).json()
    expect(refused.rejects[0]).toMatchObject({ reason: 'too_old', detail: expect.stringMatching(/ended \d+ d ago/) })
    expect(refused.rejects[0].hint).toContain('?dataset=NAME')
    expect((await (await postern.post(lines, { dataset: name })).json()).accepted).toBeGreaterThan(100)

    await page.goto('/graph')
    await page.getByRole('link', { name: 'Datasets' }).click()
    await expect(page.getByRole('heading', { level: 1, name: 'Datasets' })).toBeVisible()
    const row = page.getByRole('row', { name: new RegExp(name) })
    await expect(row).toContainText('2025-11-20 10:0')
    await expect(row).toContainText(/[\d,.K]+ flows/)
    await expect(row).toContainText(/about [\d.]+ [KM]iB/)
    await expect(row).toContainText('hubble')
    const live = page.getByRole('row', { name: /^Live/ })
    await expect(live).toContainText(/Evidence rows are kept for 7 d/)
    await expect(live).toContainText('Records older than 3 d are refused.')
    await expect(live.getByRole('button')).toHaveCount(0)

    const title = `Outage of May <b>"${scheme}"</b>`
    await row.getByRole('button', { name: `Rename ${name}` }).click()
    await page.getByLabel('Title').fill(title)
    await page.getByRole('button', { name: 'Save the title' }).click()
    const renamed = page.getByRole('row', { name: title })
    await expect(renamed).toContainText(name)
    expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([])
    await page.screenshot({ path: test.info().outputPath(`datasets-${scheme}.png`) })

    await renamed.getByRole('link', { name: 'Open the graph' }).click()
    await expect(page).toHaveURL(new RegExp(`dataset=${name}`))
    await expect(page.getByText(`dataset ${title}`)).toBeVisible()
    await expect(page.getByText(/\d+ edges shown/)).not.toHaveText('0 edges shown')
    await page.screenshot({ path: test.info().outputPath(`graph-${scheme}.png`) })

    await page.goto('/datasets')
    await renamed.getByRole('button', { name: `Delete ${title}` }).click()
    const dialog = page.getByRole('dialog', { name: 'Delete the dataset' })
    await expect(dialog).toContainText('Incidents that were made of it are frozen and stay')
    await dialog.getByRole('textbox').fill(`${name}x`)
    await expect(dialog.getByRole('button', { name: 'Delete for good' })).toBeDisabled()
    expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([])
    await page.screenshot({ path: test.info().outputPath(`delete-${scheme}.png`) })
    await dialog.getByRole('textbox').fill(name)
    await dialog.getByRole('button', { name: 'Delete for good' }).click()
    await expect(dialog).toHaveCount(0)
    await expect(renamed).toHaveCount(0, { timeout: 30_000 })
    await expect.poll(async () => (await request.get(`/api/datasets/${name}`)).status()).toBe(404)
    // All of it is gone: the same body counts again.
    expect(await (await postern.post(lines, { dataset: name })).json()).toMatchObject({
      repeatedBatch: false,
      duplicates: 0,
    })
    await request.delete(`/api/datasets/${name}`)
    await context.close()
  })

test('the API refuses what is no dataset, and says why', async ({ request }) => {
  for (const [method, path, status] of [
    ['PATCH', '/api/datasets/never-was', 404],
    ['DELETE', '/api/datasets/never-was', 404],
    ['DELETE', '/api/datasets/NO%20NAME', 404],
    ['GET', '/api/datasets/never-was', 404],
  ] as const) {
    const answer = await request.fetch(path, { method, data: method === 'PATCH' ? { title: 'x' } : {} })
    expect([method, path, answer.status()]).toEqual([method, path, status])
    expect(answer.headers()['content-type']).toBe('application/problem+json')
  }
  const bad = await request.patch('/api/datasets/never-was', { data: { title: 5 } })
  expect(bad.status()).toBe(400)
  const report: DatasetReport = await (await request.get('/api/datasets')).json()
  expect(report.live.tiers.map(({ kind }) => kind)).toEqual(['evidence', 'buckets15s', 'buckets1m', 'buckets1h'])
})
