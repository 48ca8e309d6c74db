import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import AxeBuilder from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { expect, test } from './fixtures'
import { freePort, Instance } from './instance'

/** Postern without any egress settings: where somebody begins. */
let instance: Instance
let folder = ''
// Each step is checked by axe, which takes seconds where the machine is busy.
test.describe.configure({ mode: 'serial', timeout: 240_000 })
test.beforeAll(async () => {
  test.setTimeout(180_000)
  folder = mkdtempSync(path.join(os.tmpdir(), 'postern-egress-rules-'))
  const port = await freePort()
  instance = new Instance(`http://127.0.0.1:${port}`, port, folder)
  await instance.up()
  expect((await fetch(`${instance.baseUrl}/api/demo`, { method: 'POST' })).ok).toBe(true)
})
test.afterAll(async () => {
  await instance.down()
  rmSync(folder, { recursive: true, force: true })
})

const open = async (page: Page) => {
  await page.goto(`${instance.baseUrl}/egress?tab=doors&dataset=demo&from=now-1h`)
  await expect(page.getByRole('heading', { name: 'Doors and rules' })).toBeVisible()
}
/** The door of a workload towards a provider, as the page's first table has it. */
const door = (page: Page, workload: string, server: RegExp) =>
  page
    .getByRole('table', { name: 'Doors by which workloads reached AI providers in this window' })
    .getByRole('row', { name: workload })
    .filter({ hasText: server })
const sheet = (page: Page) => page.getByRole('dialog')
const change = (page: Page, workload: string, server: RegExp) =>
  sheet(page)
    .getByRole('table', { name: 'Edges whose door would change' })
    .getByRole('row', { name: workload })
    .filter({ hasText: server })
const expectNoViolations = async (page: Page, what: string) =>
  expect((await new AxeBuilder({ page }).analyze()).violations, what).toEqual([])

test('without any rule the page says what leaves; a door, a path and a rule are made of it, each with its preview, and the doors change as it said', async ({
  page,
}) => {
  await open(page)
  await expect(door(page, 'agents / planner', /OpenAI/)).toContainText('No rule')
  await expect(page.getByRole('heading', { name: 'What leaves now' })).toBeVisible()
  await expectNoViolations(page, 'what leaves now')
  const use = page.getByRole('button', { name: 'Use: Seen leaving by 203.0.113.10' })
  // What was seen is known once its connections are judged; the page asks when it is opened.
  await expect(async () => {
    await open(page)
    await expect(use).toBeVisible({ timeout: 5000 })
  }).toPass({ timeout: 90_000 })
  await use.click()

  await expect(sheet(page)).toContainText('New egress point (step 1 of 3)')
  await sheet(page).getByText('What this draft is made of').click()
  await expect(sheet(page)).toContainText('Hops that saw it, in order: node → nat-gw')
  await sheet(page).getByLabel('Name', { exact: true }).fill('nat-a')
  await expectNoViolations(page, 'form of a point')
  await sheet(page).getByRole('button', { name: 'Preview' }).click()
  await expect(sheet(page).getByRole('heading', { name: 'This would change no edge.' })).toBeVisible()
  await sheet(page).getByRole('button', { name: 'Save' }).click()

  await expect(sheet(page)).toContainText('New path (step 2 of 3)')
  await expect(sheet(page).getByLabel('The last one before the internet')).toHaveValue('nat-gw')
  await sheet(page).getByRole('button', { name: 'Preview' }).click()
  await sheet(page).getByRole('button', { name: 'Save' }).click()

  await expect(sheet(page)).toContainText('New rule (step 3 of 3)')
  await sheet(page).getByLabel('Name', { exact: true }).fill('ai-through-nat-a')
  await expect(sheet(page).getByRole('checkbox', { name: 'nat-a' })).toBeChecked()
  await sheet(page).getByLabel('Providers').fill('*')
  await sheet(page).getByLabel('Providers').press('Enter')
  // The draft is about those that left rightly; the rule is to be about all.
  await sheet(page).getByRole('button', { name: 'Remove namespace gateway' }).click()
  await sheet(page).getByLabel('Reason').fill('The provider lets in one address')
  await expectNoViolations(page, 'form of a rule')
  await sheet(page).getByRole('button', { name: 'Preview' }).click()
  await expect(
    sheet(page).getByRole('heading', {
      name: /^This would change these \d+ edges\. 1 edge would become a violation\./,
    }),
  ).toBeVisible()
  await expect(change(page, 'agents / planner', /OpenAI/)).toContainText(/No rule.*Left by another address/)
  await expect(change(page, 'gateway / litellm', /Anthropic/)).toContainText(/No rule.*Sanctioned/)
  await expectNoViolations(page, 'preview')
  await sheet(page).getByRole('button', { name: 'Save' }).click()

  await expect(sheet(page)).toHaveCount(0)
  await expect(page.getByText('ai-through-nat-a is saved.')).toBeVisible()
  await expect(door(page, 'agents / planner', /OpenAI/)).toContainText('Left by another address')
  await expect(door(page, 'gateway / litellm', /Anthropic/)).toContainText('Sanctioned')
  const row = page.getByRole('region', { name: 'Rules', exact: true }).getByRole('row', { name: 'ai-through-nat-a' })
  await expect(row).toContainText('must reach every AI provider')
  await expect(row).toContainText('Reason: The provider lets in one address')
})

test('an exception is made by keyboard alone: what is wrong stands at its field, and the edge is judged otherwise after saving', async ({
  page,
}) => {
  await open(page)
  const make = page.getByRole('button', { name: 'New rule' })
  await make.focus()
  await page.keyboard.press('Enter')
  await sheet(page).getByLabel('Name', { exact: true }).focus()
  await page.keyboard.type('planner-exception')
  await sheet(page).getByLabel('Workloads', { exact: true }).focus()
  await page.keyboard.type('planner,')
  await expect(sheet(page).getByRole('button', { name: 'Remove workload planner' })).toBeVisible()
  await sheet(page).getByLabel('Providers').focus()
  await page.keyboard.type('openay')
  await page.keyboard.press('Enter')
  await sheet(page).getByLabel('Or by these addresses').focus()
  await page.keyboard.type('203.0.113.66')
  await page.keyboard.press('Enter')
  await sheet(page).getByLabel('Priority').focus()
  await page.keyboard.type('10')
  await sheet(page).getByRole('button', { name: 'Preview' }).focus()
  await page.keyboard.press('Enter')
  const providers = sheet(page).getByLabel('Providers')
  await expect(providers).toHaveAttribute('aria-invalid', 'true')
  await expect(providers).toHaveAccessibleDescription(/no provider "openay".*Did you mean openai/)
  await expect(providers).toBeFocused()
  await page.keyboard.press('Backspace')
  await page.keyboard.type('OpenAI')
  await page.keyboard.press('Enter')
  await expect(sheet(page).getByRole('button', { name: 'Remove provider openai' })).toBeVisible()
  await sheet(page).getByRole('button', { name: 'Preview' }).focus()
  await page.keyboard.press('Enter')
  await expect(sheet(page).getByRole('heading', { name: /^This would change this edge\./ })).toBeVisible()
  await expect(change(page, 'agents / planner', /OpenAI/)).toContainText(/Left by another address.*Sanctioned/)
  await expect(sheet(page).getByRole('button', { name: 'Save' })).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(sheet(page)).toHaveCount(0)
  await expect(make).toBeFocused()
  await expect(door(page, 'agents / planner', /OpenAI/)).toContainText('Sanctioned')
})

test('who saves what another one changed meanwhile is told so, and nothing is lost', async ({ page }) => {
  await open(page)
  await page.getByRole('button', { name: 'Change rule planner-exception' }).click()
  await sheet(page).getByLabel('Reason').fill('mine')
  await sheet(page).getByRole('button', { name: 'Preview' }).click()
  await expect(sheet(page).getByRole('heading', { name: 'This would change no edge.' })).toBeVisible()
  const answer = await fetch(`${instance.baseUrl}/api/egress/entries/rule/planner-exception`, {
    method: 'PUT',
    body: JSON.stringify({
      priority: 10,
      workloads: { names: ['planner'] },
      providers: ['openai'],
      sanctionedSources: ['203.0.113.66'],
      reason: 'theirs',
    }),
  })
  expect(answer.status).toBe(200)
  await sheet(page).getByRole('button', { name: 'Save' }).click()
  await expect(sheet(page).getByRole('alert')).toContainText('changed meanwhile')
  await page.keyboard.press('Escape')
  await page.reload()
  await expect(page.getByRole('row', { name: 'planner-exception' })).toContainText('theirs')
})

test('an expired rule is shown as expired and decides nothing; deleting a rule shows what that changes first', async ({
  page,
}) => {
  await open(page)
  await page.getByRole('button', { name: 'Change rule planner-exception' }).click()
  await sheet(page).getByLabel('Expires (UTC)').fill('2020-01-01T00:00')
  await sheet(page).getByRole('button', { name: 'Preview' }).click()
  await expect(change(page, 'agents / planner', /OpenAI/)).toContainText(/Sanctioned.*Left by another address/)
  await sheet(page).getByRole('button', { name: 'Save' }).click()
  await expect(page.getByRole('row', { name: 'planner-exception' })).toContainText(
    'Expired, out of force since 2020-01-01 00:00 UTC',
  )
  await expect(door(page, 'agents / planner', /OpenAI/)).toContainText('Left by another address')

  await page.getByRole('button', { name: 'Delete egress point nat-a' }).click()
  await sheet(page).getByRole('button', { name: 'Preview' }).click()
  await expect(sheet(page).getByRole('alert')).toContainText('named by rule ai-through-nat-a')
  await sheet(page).getByRole('button', { name: 'Keep it' }).click()
  await page.getByRole('button', { name: 'Delete rule ai-through-nat-a' }).click()
  await sheet(page).getByRole('button', { name: 'Preview' }).click()
  await expect(change(page, 'gateway / litellm', /Anthropic/)).toContainText(/Sanctioned.*No rule/)
  await sheet(page).getByRole('button', { name: 'Delete', exact: true }).click()
  await expect(page.getByText('ai-through-nat-a is deleted.')).toBeVisible()
  await expect(door(page, 'gateway / litellm', /Anthropic/)).toContainText('No rule')
})

test('entries of a document are shown with the reason why they are not changed here', async ({ page }) => {
  const put = (text: string, query = '') =>
    fetch(`${instance.baseUrl}/api/egress/config?source=git${query}`, { method: 'PUT', body: text })
  const text = 'egressRules:\n- { name: from-git, providers: ["*"], egressPoints: [nat-a] }\n'
  const dry = await (await put(text, '&dryRun=true&dataset=demo')).json()
  expect(dry).toMatchObject({
    dryRun: true,
    diff: [{ name: 'from-git', what: 'added' }],
    preview: { changed: expect.any(Number) },
  })
  const wrong = await put(text.replace('nat-a', 'nat-z'))
  expect(wrong.status).toBe(400)
  expect(await wrong.json()).toMatchObject({
    detail: expect.stringContaining('line 2, egressRules[0].egressPoints[0]'),
  })
  expect((await put(text)).status).toBe(200)
  expect(await (await put(text)).json()).toMatchObject({ diff: [] })
  await open(page)
  const row = page.getByRole('region', { name: 'Rules', exact: true }).getByRole('row', { name: 'from-git' })
  await expect(row).toContainText('document git')
  await expect(row).toContainText('Change the document git where it is kept')
  await expect(row.getByRole('button')).toHaveCount(0)
  const exported = await fetch(`${instance.baseUrl}/api/egress/config?format=yaml&source=git`)
  expect(await exported.text()).toContain('name: from-git')
})

for (const scheme of ['light', 'dark'] as const)
  test(`forms and previews are free of axe violations in ${scheme}`, async ({ browser }) => {
    const context = await browser.newContext({ colorScheme: scheme, viewport: { width: 1440, height: 900 } })
    const page = await context.newPage()
    await open(page)
    await expectNoViolations(page, 'the page')
    for (const name of ['New egress point', 'New path', 'New rule', 'Deny a provider']) {
      await page.getByRole('button', { name, exact: true }).click()
      await sheet(page).getByRole('button', { name: 'Preview' }).click()
      await expect(sheet(page).locator('[aria-invalid=true]').first()).toBeVisible()
      await expectNoViolations(page, name)
      await page.screenshot({ path: test.info().outputPath(`${name}.png`) })
      await sheet(page).getByRole('button', { name: 'Close without saving' }).click()
    }
    await page.getByRole('button', { name: 'New rule' }).click()
    await sheet(page).getByLabel('Name', { exact: true }).fill('all-by-another')
    await sheet(page).getByLabel('Providers').fill('*')
    await sheet(page).getByLabel('Or by these addresses').fill('198.51.100.1')
    await sheet(page).getByLabel('Priority').fill('9')
    await sheet(page).getByRole('button', { name: 'Preview' }).click()
    await expect(sheet(page).getByRole('heading', { name: /2 edges would become violations\./ })).toBeVisible()
    await expectNoViolations(page, 'preview')
    await page.screenshot({ path: test.info().outputPath('preview.png') })
    await page.keyboard.press('Escape')
    await expect(sheet(page)).toHaveCount(0)
    await page.getByRole('heading', { name: 'Doors and rules' }).scrollIntoViewIfNeeded()
    await page.getByRole('region', { name: 'Denied providers' }).scrollIntoViewIfNeeded()
    await page.screenshot({ path: test.info().outputPath('page.png') })
    await context.close()
  })
