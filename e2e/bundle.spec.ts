import { gzipSync } from 'node:zlib'
import type { Page } from '@playwright/test'
import { expect, test } from './fixtures'

/**
 * What the scripts of /graph may weigh, in KiB of gzip. Measured is in docs/benchmark.md. Who passes one either
 * loads later what is not needed at once, or raises it there and here, with the reason in the commit.
 */
const BUDGET_KIB = {
  /** Asked for by the page itself: before it answers a press. */
  first: 330,
  /** All until the graph is drawn, the canvas included. */
  drawn: 470,
}

interface Script {
  readonly name: string
  readonly text: string
  readonly kib: number
}

/** The scripts that a page loads until the graph is drawn, with their sizes as a server would send them. */
async function scriptsOf(page: Page, url: string): Promise<Script[]> {
  const found: Promise<Script[]>[] = []
  page.on('response', (response) => {
    if (response.request().resourceType() !== 'script') return
    const read = response.text().then(
      (text) => [{ name: new URL(response.url()).pathname, text, kib: gzipSync(text, { level: 9 }).byteLength / 1024 }],
      // A prefetch that the browser gave up.
      () => [],
    )
    found.push(read)
  })
  await page.goto(url)
  await expect(page.locator('[data-graph-state="drawn"]')).toBeVisible()
  const all = (await Promise.all(found)).flat()
  return [...new Map(all.map((script) => [script.name, script])).values()]
}

const sum = (scripts: readonly Script[]): number => Math.round(scripts.reduce((kib, script) => kib + script.kib, 0))

test('the scripts of the graph page stay within their budget, and what draws and lays out comes when it is needed', async ({
  page,
  request,
}) => {
  expect((await request.post('/api/demo')).ok()).toBe(true)
  const url = '/graph?dataset=demo&from=now-1h'
  // Laid out: the visit that is measured needs no layout.
  await page.goto(url)
  await expect(page.locator('[data-graph-state="drawn"]')).toBeVisible()
  const html = await (await request.get(url)).text()
  const scripts = await scriptsOf(page, url)
  const first = scripts.filter(({ name }) => html.includes(name))
  console.log(`scripts of /graph: ${sum(first)} KiB first, ${sum(scripts)} KiB until drawn`)
  expect(first.length).toBeGreaterThan(3)
  expect(sum(first)).toBeLessThanOrEqual(BUDGET_KIB.first)
  expect(sum(scripts)).toBeLessThanOrEqual(BUDGET_KIB.drawn)
  // By words that only they hold; a check of its own says that the words are the right ones.
  expect(scripts.filter(({ text }) => text.includes('org.eclipse.elk.layered')).map(({ name }) => name)).toEqual([])
  expect(first.filter(({ text }) => text.includes('unbundled-bezier')).map(({ name }) => name)).toEqual([])
  expect(scripts.some(({ text }) => text.includes('unbundled-bezier'))).toBe(true)
})

test('the layout is loaded by who asks for it', async ({ page, request }) => {
  expect((await request.post('/api/demo')).ok()).toBe(true)
  await page.goto('/graph?dataset=demo&from=now-1h')
  await expect(page.locator('[data-graph-state="drawn"]')).toBeVisible()
  const elk = page.context().waitForEvent('response', async (response) => {
    if (!response.url().endsWith('.js')) return false
    return (await response.text().catch(() => '')).includes('org.eclipse.elk.layered')
  })
  await page.getByRole('button', { name: 'Tidy' }).click()
  expect((await elk).ok()).toBe(true)
})
