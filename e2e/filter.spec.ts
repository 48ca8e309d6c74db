import AxeBuilder from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { expect, test } from './fixtures'

const DEMO = '/graph?dataset=demo&from=now-1h&scope=all&layout=table'

const line = (page: Page) => page.getByRole('combobox', { name: /by an expression/ })
const options = (page: Page) => page.getByRole('listbox', { name: 'Completions' }).getByRole('option')
const rows = (page: Page) => page.locator('tr[data-edge]')
/** How many rows there are once the new view is there. */
const rowsShown = async (page: Page) => {
  await expect(rows(page).first()).toBeVisible()
  return rows(page).count()
}
const chips = (page: Page) => page.locator('[data-chip]')

// Once: each load is judged anew, and who comes next would wait for that.
test.beforeAll(async ({ request }) => {
  expect((await request.post('/api/demo')).ok()).toBe(true)
})

test.beforeEach(async ({ page }) => {
  await page.goto(DEMO)
  await expect(rows(page).first()).toBeVisible()
})

test('an expression is written with the keyboard and completed from the graph; matches are counted, marked and walked', async ({
  page,
}) => {
  await page.keyboard.press('/')
  await expect(line(page)).toBeFocused()
  await page.keyboard.type('names')
  await expect(options(page).filter({ hasText: /^namespace/ })).toBeVisible()
  await page.keyboard.press('Tab')
  await page.keyboard.press('ArrowDown')
  await expect(page.locator('[role=option][aria-selected=true]')).toContainText('=')
  await page.keyboard.press('Enter')
  await page.keyboard.type('agen')
  await expect(options(page).first()).toContainText('agents')
  await page.keyboard.press('Tab')
  await expect(line(page)).toHaveValue('namespace = agents ')
  await page.keyboard.type('and provider = openai')
  await page.keyboard.press('Enter')
  const status = page.locator('[data-found]').first()
  await expect(status).toHaveText(/^1 of \d+ edges$/)
  await expect(page.locator('tr[data-found]')).toHaveCount(1)
  await expect(page.locator('tr[data-found]')).toContainText('agents / planner')
  await expect(page).toHaveURL(/find=/)
  // Nothing is selected before a person asks for it.
  expect(new URL(page.url()).searchParams.get('sel')).toBeNull()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('complementary', { name: 'Evidence of the edge' })).toBeVisible()
  await expect(status).toHaveText(/, at 1$/)
  await expect(line(page)).toBeFocused()

  await line(page).fill('ns = agents')
  await page.keyboard.press('Escape')
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(/find=ns/)
  await page.keyboard.press('Escape')
  const before = new URL(page.url()).searchParams.get('sel')
  await page.keyboard.press('n')
  await expect(page).not.toHaveURL(new RegExp(`sel=${encodeURIComponent(before ?? 'none')}(&|$)`))
  await page.keyboard.press('N')
  await expect(page).toHaveURL(new RegExp(`sel=${encodeURIComponent(before ?? 'none')}(&|$)`))
  await page.getByRole('button', { name: 'List of matches' }).click()
  const list = page.getByRole('dialog', { name: 'Matches' })
  await expect(list.getByRole('button').first()).toContainText('→')
  await list.getByRole('button').last().click()
  await expect(status).toHaveText(/, at \d+$/)
})

test('what cannot be read is said under the caret, and a broken link shows the graph as without it', async ({
  page,
}) => {
  const all = await rowsShown(page)
  await page.keyboard.press('f')
  await page.keyboard.type('namspace = agents')
  await page.keyboard.press('Enter')
  const problem = page.locator('[data-error-at]')
  await expect(problem).toContainText('unknown field “namspace”: did you mean namespace? (character 1)')
  await expect(problem).toHaveAttribute('data-error-at', '0')
  await line(page).fill('ns = agents port = 443')
  await expect(problem).toHaveAttribute('data-error-at', '12')
  await expect(line(page)).toHaveAccessibleDescription(/“and” or “or” expected/)
  // The sign stands under the character, give or take its own width.
  const [sign, field] = await Promise.all([problem.locator('span').first().boundingBox(), line(page).boundingBox()])
  const charPx = await line(page).evaluate((input) => {
    const { fontFamily, fontSize } = getComputedStyle(input)
    const char = document.createElement('span')
    Object.assign(char.style, { fontFamily, fontSize, position: 'absolute', width: '1ch' })
    document.body.append(char)
    const { width } = char.getBoundingClientRect()
    char.remove()
    return width
  })
  expect(Math.abs((sign?.x ?? 0) - (field?.x ?? 0) - 12 * charPx)).toBeLessThan(2 * charPx)

  await page.goto(`${DEMO}&hide=${encodeURIComponent('ns = ((')}`)
  await expect(rows(page)).toHaveCount(all)
  await expect(page.getByRole('button', { name: /^Hide.*in use/ })).toHaveAttribute('aria-pressed', 'true')
  await expect(problem).toContainText('a value of namespace expected')
  await expect(page.locator('[data-pill="hide"]')).toContainText('not applied')
  const answer = await page.request.get(
    `/api/graph?dataset=demo&from=now-1h&scope=all&hide=${encodeURIComponent('ns = ((')}`,
  )
  expect(answer.status()).toBe(200)
})

test('hide takes away and is counted, focus keeps the neighbours, and both come off again', async ({ page }) => {
  const all = await rowsShown(page)
  await page.keyboard.press('h')
  await page.keyboard.type('ns = shop')
  await page.keyboard.press('Escape')
  await expect(page.getByText('Enter applies it')).toBeVisible()
  await page.keyboard.press('Enter')
  await expect(page.locator('[data-pill="hide"]')).toContainText('ns = shop')
  await expect.poll(() => rowsShown(page)).toBeLessThan(all)
  await expect(page.getByRole('row', { name: /shop \// })).toHaveCount(0)
  const left = await rowsShown(page)
  await expect(page.getByText(`${all - left} more edges do not match this view`)).toBeVisible()
  await page.getByRole('button', { name: /^Remove: Hide/ }).click()
  await expect(rows(page)).toHaveCount(all)

  await page.getByRole('button', { name: 'Focus' }).click()
  await line(page).fill('workload = agents/planner +0')
  await page.keyboard.press('Escape')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { name: 'This view hides everything' })).toBeVisible()
  await line(page).fill('workload = agents/planner')
  await page.keyboard.press('Enter')
  await expect(rows(page).first()).toBeVisible()
  const near = await rowsShown(page)
  expect(near).toBeLessThan(all)
  for (const row of await rows(page).all()) await expect(row).toContainText('agents / planner')
  await page.getByRole('button', { name: 'Presets' }).click()
  await page
    .getByRole('dialog', { name: 'Presets' })
    .getByRole('button', { name: /^Denied/ })
    .click()
  await expect(page).toHaveURL(/focus=is\+denied/)
  for (const row of await rows(page).all()) await expect(row).toContainText(/Denied|Mixed/)
})

test('a filter from a cell is negated, set aside, swapped, asked both ways and edited; its link opens the same in a fresh page', async ({
  page,
  browser,
}) => {
  const all = await rowsShown(page)
  const planner = page.getByRole('row', { name: /agents \/ planner.*OpenAI/ })
  await planner.getByRole('button', { name: 'Filter by workload agents/planner' }).press('Enter')
  await page.getByRole('menuitem', { name: 'As source' }).first().press('Enter')
  await expect(chips(page)).toHaveText(['source workload is agents/planner'])
  await expect.poll(() => rowsShown(page)).toBeLessThan(all)
  const calls = await rowsShown(page)

  await chips(page).getByRole('button').first().click()
  await page.getByRole('menuitem', { name: 'Anything but this' }).click()
  await expect(chips(page)).toHaveText(['source workload is not agents/planner'])
  await expect(rows(page)).toHaveCount(all - calls)
  await chips(page).getByRole('button').first().click()
  await page.getByRole('menuitem', { name: 'Disable' }).click()
  await expect(rows(page)).toHaveCount(all)
  await expect(chips(page)).toHaveText(['source workload is not agents/planner, not applied'])
  await chips(page).getByRole('button').first().click()
  await page.getByRole('menuitem', { name: 'Enable' }).click()
  await chips(page).getByRole('button').first().click()
  await page.getByRole('menuitem', { name: 'Only this' }).click()
  await expect(rows(page)).toHaveCount(calls)

  await page.getByRole('button', { name: 'Swap' }).click()
  await expect(chips(page)).toHaveText(['destination workload is agents/planner'])
  await expect.poll(() => rowsShown(page)).not.toBe(calls)
  await page.getByRole('button', { name: 'Both ways' }).click()
  await expect(chips(page)).toHaveText(['end B workload is agents/planner'])
  await expect.poll(() => rowsShown(page)).toBeGreaterThanOrEqual(calls)

  await page.getByRole('button', { name: 'Filter', exact: true }).click()
  const form = page.getByRole('form', { name: 'Filter' })
  await form.getByLabel('What').selectOption('port')
  await expect(form.getByLabel('Of which end')).toHaveCount(0)
  await form.getByLabel('Values').fill('443, 53')
  await form.getByLabel('Values').press('Enter')
  await expect(chips(page)).toHaveText(['end B workload is agents/planner', 'port is 443 or 53'])
  await chips(page).nth(1).getByRole('button').first().click()
  await page.getByRole('menuitem', { name: /^Edit/ }).click()
  await form.getByLabel('Values').fill('443')
  await form.getByRole('button', { name: 'Apply' }).click()
  await expect(chips(page)).toHaveText(['end B workload is agents/planner', 'port is 443'])
  const shown = await rowsShown(page)
  expect(shown).toBeGreaterThan(0)

  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
  const fresh = await context.newPage()
  await fresh.goto(page.url())
  await expect(chips(fresh)).toHaveText(['end B workload is agents/planner', 'port is 443'])
  await expect(rows(fresh)).toHaveCount(shown)
  await context.close()

  await page.getByRole('button', { name: 'Clear all' }).click()
  await expect(rows(page)).toHaveCount(all)
  await expect(chips(page)).toHaveCount(0)
})

test('a node’s name in the panel filters too, and a link of old with q is read as a filter', async ({ page }) => {
  await page.goto('/graph?dataset=demo&from=now-1h&scope=all&q=planner&layout=table')
  await expect(chips(page)).toHaveText(['name has planner'])
  for (const row of await rows(page).all()) await expect(row).toContainText('agents / planner')
  await page.goto('/graph?dataset=demo&from=now-1h&scope=all')
  const item = page.locator('[data-graph-item^="node:"]', { hasText: 'agents / planner' }).first()
  await item.press('Enter')
  const panel = page.getByRole('complementary', { name: 'Facts of the node' })
  await panel.getByRole('button', { name: 'Filter by workload agents/planner' }).click()
  await page.getByRole('menuitem', { name: 'Only this, at either end' }).first().click()
  await expect(chips(page)).toHaveText(['workload is agents/planner'])
})

test('the line, its list, its help and the chips are accessible', async ({ page }) => {
  await page.goto(`${DEMO}&hide=port+%3D+53&find=ns+%3D+agents&f=src.namespace%3Dagents&f=~%21any.port%3D1`)
  await expect(chips(page)).toHaveCount(2)
  const clean = async () => expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([])
  await clean()
  await line(page).fill('ns = agents or p')
  await expect(options(page).first()).toBeVisible()
  await clean()
  await line(page).fill('ns = agents or (')
  await page.keyboard.press('Escape')
  await expect(page.locator('[data-error-at]')).toBeVisible()
  await clean()
  await page.getByRole('button', { name: 'How expressions are written' }).click()
  await expect(page.getByRole('heading', { name: 'Three modes' })).toBeVisible()
  await clean()
})
