import AxeBuilder from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { expect, test } from './fixtures'

test.beforeEach(async ({ request }) => {
  expect((await request.post('/api/demo')).ok()).toBe(true)
})

const WINDOW = 'dataset=demo&from=now-1h'
const palette = (page: Page) => page.getByRole('dialog', { name: 'Search and commands' })
const option = (page: Page, name: RegExp | string) => palette(page).getByRole('option', { name })
/** Nobody hears a key before the page has woken up. */
const ready = (page: Page) => expect(page.getByRole('button', { name: /^Time range/ })).toBeEnabled()

test('by keyboard alone from a page to a workload in the graph of the same window', async ({ page }) => {
  await page.goto(`/policies?${WINDOW}`)
  await ready(page)
  await page.keyboard.press('Control+k')
  await expect(palette(page).getByRole('combobox')).toBeFocused()
  await page.keyboard.type('agents/plan')
  await expect(option(page, /^agents \/ planner/)).toHaveAttribute('aria-selected', 'true')
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(/\/graph\?.*dataset=demo.*sel=node/)
  await expect(page.getByRole('complementary', { name: 'Facts of the node' })).toContainText('planner')
})

test('finds providers, policies and hosts, changes the time range, and opens a policy', async ({ page }) => {
  await page.goto(`/policies?${WINDOW}`)
  await ready(page)
  await page.getByRole('button', { name: 'Search and commands' }).click()
  await palette(page).getByRole('combobox').fill('openai')
  await expect(option(page, /^OpenAI in the graph/)).toBeVisible()
  await expect(option(page, /^api\.openai\.com/)).toBeVisible()
  await palette(page).getByRole('combobox').fill('last 6')
  await option(page, 'Last 6 h').click()
  await expect(page).toHaveURL(/from=now-6h/)
  await page.keyboard.press('Control+k')
  await palette(page).getByRole('combobox').fill('lock-down')
  await option(page, /data \/ lock-down/).click()
  await expect(page).toHaveURL(/\/policies\?.*policy=/)
  await expect(page.getByRole('dialog')).toContainText('staged: enforces nothing yet')
})

test('what nothing is called says so; Esc closes; the theme can be switched from it', async ({ page }) => {
  await page.goto('/settings')
  await page.getByRole('button', { name: 'Search and commands' }).click()
  await palette(page).getByRole('combobox').fill('no such thing anywhere')
  await expect(palette(page)).toContainText('Nothing of that name was ever seen here')
  await page.keyboard.press('Escape')
  await expect(palette(page)).toHaveCount(0)
  await page.keyboard.press('Control+k')
  await palette(page).getByRole('combobox').fill('theme')
  await page.keyboard.press('Enter')
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark')
})

test('the help lists every key; single keys work outside of fields alone, and can be switched off for good', async ({
  page,
}) => {
  await page.goto(`/graph?${WINDOW}`)
  await ready(page)
  await page.keyboard.press('t')
  await expect(page).toHaveURL(/layout=table/)
  await page.getByRole('combobox', { name: 'Find by an expression' }).focus()
  await page.keyboard.type('tg?')
  await expect(page.getByRole('combobox', { name: 'Find by an expression' })).toHaveValue('tg?')
  await expect(page).toHaveURL(/layout=table/)
  await page.getByRole('button', { name: /^Time range/ }).focus()
  await page.keyboard.press('?')
  const help = page.getByRole('dialog', { name: 'Keyboard shortcuts' })
  for (const text of ['Ctrl K', 'Graph or table', 'Step into the selected node', 'Pause or go on'])
    await expect(help).toContainText(text)
  await help.getByRole('checkbox', { name: /^Single keys are shortcuts/ }).uncheck()
  await page.keyboard.press('Escape')
  await page.reload()
  await ready(page)
  await page.keyboard.press('g')
  await page.keyboard.press('?')
  await page.keyboard.press('Control+k')
  await expect(palette(page)).toBeVisible()
  await expect(help).toHaveCount(0)
  await expect(page).toHaveURL(/layout=table/)
})

for (const scheme of ['light', 'dark'] as const)
  test(`palette and help are free of axe violations in ${scheme}`, async ({ browser, baseURL }) => {
    const context = await browser.newContext({ colorScheme: scheme, ...(baseURL && { baseURL }) })
    const page = await context.newPage()
    await page.goto(`/policies?${WINDOW}`)
    await ready(page)
    await page.keyboard.press('Control+k')
    await palette(page).getByRole('combobox').fill('agent')
    await expect(option(page, /^agents \/ planner/)).toBeVisible()
    expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([])
    await palette(page).getByRole('combobox').fill('keyboard shortcuts')
    await page.keyboard.press('Enter')
    await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible()
    expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([])
    await context.close()
  })
