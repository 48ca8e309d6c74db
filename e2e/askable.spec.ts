import AxeBuilder from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { expect, test } from './fixtures'

const MINUTE = 60_000
const T0 = Math.floor(Date.now() / MINUTE) * MINUTE - 40 * MINUTE
const LENGTH = 10 * MINUTE
const WINDOW = `from=${T0}&to=${T0 + LENGTH}&scope=all`
const BEFORE = `from=${T0 - LENGTH}&to=${T0}&scope=all`

let made = 0
const flows = (app: string, atMs: number, count: number, isDenied = false): string[] =>
  Array.from({ length: count }, (_, n) => {
    made += 1
    return JSON.stringify({
      flow: {
        time: new Date(atMs + n * 10).toISOString(),
        uuid: `73000000-0000-4000-8000-${String(made).padStart(12, '0')}`,
        verdict: isDenied ? 'DROPPED' : 'FORWARDED',
        ...(isDenied && { drop_reason_desc: 'POLICY_DENIED' }),
        event_type: { type: isDenied ? 1 : 5 },
        traffic_direction: 'EGRESS',
        IP: { source: '10.0.0.1', destination: '10.0.0.2', ipVersion: 'IPv4' },
        l4: { TCP: { source_port: 20_000 + made, destination_port: 8200, flags: { SYN: true } } },
        source: { ID: 1, identity: 9, namespace: 'ml', pod_name: `${app}-7d9c8b6f5-x2x5v`, labels: [`k8s:app=${app}`] },
        destination: { ID: 2, identity: 8, namespace: 'data', pod_name: 'vault-0', labels: ['k8s:app=vault'] },
      },
    })
  })
/** Two windows, the second as the first but for one edge less, one more, one denied, one five times as busy. */
const SEEDED = [
  ...[T0 - LENGTH, T0].flatMap((start) => flows('steady', start + MINUTE, 5)),
  ...flows('gone', T0 - LENGTH + MINUTE, 5),
  ...flows('came', T0 + 2 * MINUTE, 5),
  ...flows('refused', T0 - LENGTH + MINUTE, 5),
  ...flows('refused', T0 + 4 * MINUTE, 5, true),
  ...flows('busy', T0 - LENGTH + MINUTE, 10),
  ...flows('busy', T0 + 6 * MINUTE, 50),
]

let isSeeded = false
test.beforeEach(async ({ postern }) => {
  if (isSeeded) return
  expect((await postern.post(`${SEEDED.join('\n')}\n`, { dataset: 'asked' })).ok).toBe(true)
  isSeeded = true
})

const line = (page: Page) => page.getByRole('combobox', { name: /by an expression/ })
const options = (page: Page) => page.getByRole('listbox', { name: 'Completions' }).getByRole('option')
const rows = (page: Page) => page.locator('tr[data-edge]')
const found = (page: Page) => page.locator('[data-found]').first()
const clean = async (page: Page) => expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([])

test('what was first seen in the window is completed, counted and kept; where nobody knows, the line says so', async ({
  page,
}) => {
  await page.goto(`/graph?dataset=asked&${WINDOW}&layout=table`)
  await expect(rows(page)).toHaveCount(4)
  await page.keyboard.press('/')
  await page.keyboard.type('is new')
  await expect(options(page)).toHaveText([/^new.*first seen in this window/, /^newcomer.*none of its edges was seen/])
  await clean(page)
  await page.keyboard.press('Tab')
  await expect(line(page)).toHaveValue('is new ')
  await page.keyboard.press('Escape')
  await page.keyboard.press('Enter')
  await expect(found(page)).toHaveText('1 of 4 edges')
  await expect(page.locator('tr[data-found]')).toContainText('ml / came')

  await page.goto(`/graph?dataset=asked&${WINDOW}&focus=${encodeURIComponent('is newcomer')}&layout=table`)
  await expect(rows(page)).toHaveCount(1)
  await expect(rows(page)).toContainText('ml / came')

  await page.goto(`/graph?dataset=asked&${BEFORE}&find=is+new&layout=table`)
  await expect(found(page)).toHaveText('0 of 4 edges')
  const notice = page.locator('[data-notice-at]')
  await expect(notice).toHaveText(/what is new in default is not known: nothing is remembered from before this window/)
  await expect(line(page)).toHaveAccessibleDescription(/is not known/)
  await expect(line(page)).toHaveAttribute('aria-invalid', 'false')
  await clean(page)
})

test('two windows are asked how they differ; where nothing is compared such an expression is an error and changes nothing', async ({
  page,
}) => {
  await page.goto(`/graph?dataset=asked&${WINDOW}&against=${T0 - LENGTH}&layout=table`)
  await expect(rows(page)).toHaveCount(5)
  await page.keyboard.press('/')
  await page.keyboard.type('change = ')
  await expect(options(page)).toHaveText([/^added/, /^removed/, /^verdict/, /^volume/])
  await page.keyboard.type('verd')
  await page.keyboard.press('Tab')
  await expect(line(page)).toHaveValue('change = verdict ')
  await page.keyboard.press('Escape')
  await page.keyboard.press('Enter')
  await expect(found(page)).toHaveText('1 of 5 edges')
  await expect(page.locator('tr[data-found]')).toContainText('ml / refused')
  await page.getByRole('button', { name: 'Presets' }).click()
  await page.getByRole('button', { name: /^Changed between the windows/ }).click()
  await expect(found(page)).toHaveText('4 of 5 edges')

  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: /^Hide/ }).click()
  await line(page).fill('change in (added, removed) or no change')
  await page.keyboard.press('Escape')
  await page.keyboard.press('Enter')
  await expect(rows(page)).toHaveCount(2)
  await expect(rows(page).filter({ hasText: /ml \/ (refused|busy)/ })).toHaveCount(2)

  await page.getByRole('button', { name: 'End comparison' }).click()
  await expect(rows(page)).toHaveCount(4)
  await expect(page.locator('[data-pill="hide"]')).toContainText('not applied, nothing is compared')
  const problem = page.locator('[data-error-at]')
  await expect(problem).toHaveText(/nothing is compared: “change” is of two windows, choose Compare at the timeline/)
  await expect(problem).toHaveAttribute('data-error-at', '0')
  await clean(page)
  await line(page).fill('ns = ml and no change')
  await page.keyboard.press('Escape')
  await expect(problem).toHaveAttribute('data-error-at', '12')
})

test('the line is kept as a preset under a name, used in its mode in a fresh page, and deleted; others do not have it', async ({
  page,
  browser,
  baseURL,
}) => {
  await page.goto(`/graph?dataset=asked&${WINDOW}&layout=table`)
  await expect(rows(page)).toHaveCount(4)
  const menu = page.getByRole('dialog', { name: 'Presets' })
  await page.getByRole('button', { name: 'Presets' }).click()
  await expect(menu).toContainText('None yet.')
  await expect(menu).toContainText('Nothing is written yet.')
  await expect(menu.getByRole('button', { name: 'Save' })).toBeDisabled()
  await expect(menu).toContainText('for everybody here who gave no name')
  await page.keyboard.press('Escape')

  await page.getByRole('button', { name: 'Focus' }).click()
  await line(page).fill('workload = ml/steady +1')
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Presets' }).click()
  await menu.getByLabel('Save the line').fill('Steady and what it calls')
  await page.keyboard.press('Enter')
  await expect(menu.getByRole('button', { name: /^Steady and what it calls Focus workload/ })).toBeVisible()
  await clean(page)
  await menu.getByLabel('Save the line').fill('Steady and what it calls')
  await page.keyboard.press('Enter')
  await expect(menu.getByRole('alert')).toContainText('another preset of yours has this name')

  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    ...(baseURL !== undefined && { baseURL }),
  })
  const fresh = await context.newPage()
  await fresh.goto(`/graph?dataset=asked&${BEFORE}&layout=table`)
  await expect(rows(fresh)).toHaveCount(4)
  await fresh.getByRole('button', { name: 'Presets' }).click()
  await fresh.getByRole('button', { name: /^Steady and what it calls/ }).click()
  await expect(fresh).toHaveURL(/focus=workload\+%3D\+ml%2Fsteady\+%2B1/)
  // Of its own window: a preset holds an expression alone.
  await expect(fresh).toHaveURL(new RegExp(`from=${T0 - LENGTH}`))
  await expect(fresh.getByRole('button', { name: /^Focus.*in use/ })).toHaveAttribute('aria-pressed', 'true')
  await expect(rows(fresh)).toHaveCount(1)

  // Who says another name is somebody else.
  expect((await fresh.request.put('/api/session', { data: { name: 'Anna' } })).ok()).toBe(true)
  await fresh.reload()
  await fresh.getByRole('button', { name: 'Presets' }).click()
  const others = fresh.getByRole('dialog', { name: 'Presets' })
  await expect(others).toContainText('for Anna (local) alone')
  await expect(others).toContainText('None yet.')
  await context.close()

  await menu.getByRole('button', { name: 'Delete Steady and what it calls' }).click()
  await expect(menu.getByRole('button', { name: 'Delete', exact: true })).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(menu).toContainText('None yet.')
  await expect(menu.getByLabel('Save the line')).toBeFocused()
  const audit = await (await page.request.get('/api/audit?action=preset.')).text()
  for (const action of ['preset.save', 'preset.delete']) expect(audit).toContain(action)
})
