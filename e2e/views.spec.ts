import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import AxeBuilder from '@axe-core/playwright'
import pg from 'pg'
import { expect, test } from './fixtures'
import { freePort, Instance } from './instance'

const serverUrl = process.env.POSTERN_TEST_DATABASE_URL

const flow = (namespace: string, verdict = 'FORWARDED'): string =>
  `${JSON.stringify({
    flow: {
      time: new Date(Date.now() - 2000).toISOString(),
      verdict,
      event_type: { type: 5 },
      traffic_direction: 'EGRESS',
      IP: { source: '10.9.1.1', destination: '10.9.1.2' },
      l4: { TCP: { source_port: 40_000, destination_port: 8080 } },
      source: { namespace, pod_name: 'caller-0' },
      destination: { namespace, pod_name: 'server-0' },
    },
  })}\n`

test('a view that is saved opens for somebody else as it was, is renamed, and is gone once deleted', async ({
  page,
  browser,
  baseURL,
}) => {
  const link = '/graph?ns=team-a&scope=all&state=denied_by_rule&layout=table&v=2'
  await page.goto(link)
  await page.getByRole('button', { name: 'Views' }).click()
  const menu = page.getByRole('dialog', { name: 'Views' })
  await menu.getByLabel('Save what is shown').fill('Denied of team A')
  await menu.getByRole('button', { name: 'Save', exact: true }).click()
  await expect(menu.getByRole('link', { name: 'Denied of team A' })).toBeVisible()

  const context = await browser.newContext({ ...(baseURL && { baseURL }) })
  const other = await context.newPage()
  await other.goto('/graph')
  await other.getByRole('button', { name: 'Views' }).click()
  await other.getByRole('link', { name: 'Denied of team A' }).click()
  await expect(other).toHaveURL(new URL(link, baseURL).href)

  await other.getByRole('button', { name: 'Views' }).click()
  await other.getByRole('button', { name: 'Rename Denied of team A' }).click()
  await other.getByLabel('New name of Denied of team A').fill('Team A')
  await other.keyboard.press('Enter')
  await other.getByRole('button', { name: 'Delete Team A' }).click()
  await other.getByRole('button', { name: 'Delete', exact: true }).click()
  await expect(other.getByRole('dialog', { name: 'Views' })).toContainText('None yet.')
  await context.close()

  const audit = await (await page.request.get('/api/audit?action=view.')).text()
  for (const action of ['view.save', 'view.rename', 'view.delete']) expect(audit).toContain(action)
})

test('built-in views keep the window and change what is shown', async ({ page }) => {
  await page.goto('/graph?from=now-6h')
  await page.getByRole('button', { name: 'Views' }).click()
  await page.getByRole('link', { name: 'Only problems' }).click()
  await expect(page).toHaveURL(/\/graph\?from=now-6h&scope=all&problems=1&v=2$/)
})

test('key s shares the view: as it moves, or this exact window, short where it is long; a short link opens the same view', async ({
  page,
  browser,
  baseURL,
}) => {
  const chips = Array.from({ length: 12 }, (_, index) => `&f=src.namespace%3Dteam-${index}`).join('')
  await page.goto(`/graph?from=now-1h&scope=all${chips}&v=2`)
  await expect(page.getByRole('button', { name: 'Share' })).toBeVisible()
  await page.keyboard.press('s')
  const menu = page.getByRole('dialog', { name: 'Share this view' })
  const link = menu.getByRole('textbox', { name: 'Link' })
  await expect(link).toHaveValue(/from=now-1h/)
  await menu.getByRole('radio', { name: /This exact window/ }).check()
  await expect(link).toHaveValue(/from=\d{13}&to=\d{13}/)
  const long = await link.inputValue()
  await menu.getByRole('button', { name: 'Make it short' }).click()
  await expect(link).toHaveValue(/\/l\/[a-z2-9]{10}$/)
  const short = await link.inputValue()

  const context = await browser.newContext({ ...(baseURL && { baseURL }) })
  const other = await context.newPage()
  await other.goto(short)
  await expect(other).toHaveURL(long)
  await other.goto('/l/aaaaaaaaaa')
  await expect(other.getByText(/^This short link opens nothing: /)).toBeVisible()
  await context.close()

  for (const evil of ['//evil.example', 'https://evil.example/graph', '/\\\\evil.example', '/api/tokens'])
    expect((await page.request.post('/api/short-links', { data: { path: evil } })).status()).toBe(400)
})

for (const scheme of ['light', 'dark'] as const)
  test(`the menus of views and links are free of axe violations in ${scheme}`, async ({ browser, baseURL }) => {
    const context = await browser.newContext({ colorScheme: scheme, ...(baseURL && { baseURL }) })
    const page = await context.newPage()
    await page.request.post('/api/saved-views', { data: { name: `axe ${scheme}`, path: '/graph?scope=all' } })
    await page.goto('/graph?scope=all')
    await page.getByRole('button', { name: 'Views' }).click()
    await expect(page.getByRole('link', { name: `axe ${scheme}` })).toBeVisible()
    expect((await new AxeBuilder({ page }).include('[role=dialog]').analyze()).violations).toEqual([])
    await page.keyboard.press('Escape')
    await expect(page.getByRole('button', { name: 'Views' })).toBeFocused()
    await page.keyboard.press('s')
    await expect(page.getByRole('dialog', { name: 'Share this view' })).toBeVisible()
    expect((await new AxeBuilder({ page }).include('[role=dialog]').analyze()).violations).toEqual([])
    await context.close()
  })

test('a view that filters everything away says what filters, and shows all at a click', async ({ page, postern }) => {
  await postern.post(flow('filtered-away'), { headers: { 'x-postern-cluster': 'filtered' } })
  await page.goto('/graph?cluster=filtered')
  const causes = page.getByRole('list', { name: 'Why nothing is shown' })
  await expect(causes).toContainText('In the view: The view filters everything away')
  await expect(causes).toContainText('What filters: AI traffic only; cluster filtered.')
  await page.getByRole('button', { name: 'Show all traffic' }).click()
  await expect(page).toHaveURL(/cluster=filtered&scope=all/)
  await expect(causes).toHaveCount(0)
})

test('records of a wrong clock and of long ago are told apart from those of a wrong format, each with what to do', async ({
  page,
  postern,
}) => {
  const at = (offsetMs: number) =>
    flow('c').replace(/"time":"[^"]+"/, `"time":"${new Date(Date.now() + offsetMs).toISOString()}"`)
  await postern.post(at(3_600_000), { headers: { 'x-postern-cluster': 'fast-clock' } })
  await postern.post(at(-400 * 86_400_000), { headers: { 'x-postern-cluster': 'old-records' } })
  await page.goto('/sources?cluster=fast-clock')
  const causes = page.getByRole('list', { name: 'Why nothing is shown' })
  await expect(causes).toContainText(
    'When it was read: Everything that hubble of fast-clock sent was rejected: 1 × in_the_future.',
  )
  await expect(causes).toContainText('timedatectl status')
  await page.goto('/sources?cluster=old-records')
  await expect(causes).toContainText('1 × too_old')
  await expect(causes).toContainText('npm run postern -- import FILE --dataset NAME')
})

test('with sign-in on, who opens a short link signs in first and then sees its view; no other address is gone to', async ({
  page,
}) => {
  test.skip(!serverUrl, 'POSTERN_TEST_DATABASE_URL is not set: run by npm test')
  test.setTimeout(120_000)
  const target = new URL(serverUrl ?? '')
  const name = `postern_signed_${process.pid}`
  const admin = new pg.Client({ connectionString: target.href })
  await admin.connect()
  await admin.query(`CREATE DATABASE ${name}`)
  target.pathname = `/${name}`
  const folder = mkdtempSync(path.join(os.tmpdir(), 'postern-signed-'))
  const port = await freePort()
  const token = 'a-token-of-this-test-alone-0123456789'
  const instance = new Instance(`http://127.0.0.1:${port}`, port, folder, target.href, { POSTERN_ADMIN_TOKEN: token })
  const signIn = async (): Promise<void> => {
    await page.getByLabel('Admin token').fill(token)
    await page.getByRole('button', { name: 'Sign in' }).click()
  }
  try {
    await instance.up()
    const made = await fetch(`${instance.baseUrl}/api/short-links`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: JSON.stringify({ path: '/graph?scope=all&layout=table&v=2' }),
    })
    const { path: short } = await made.json()
    expect((await fetch(`${instance.baseUrl}/api${short.replace('/l/', '/short-links/')}`)).status).toBe(401)
    await page.goto(`${instance.baseUrl}${short}`)
    await expect(page).toHaveURL(`${instance.baseUrl}/sign-in?next=${encodeURIComponent(short)}`)
    await signIn()
    await expect(page).toHaveURL(`${instance.baseUrl}/graph?scope=all&layout=table&v=2`)

    await page.context().clearCookies()
    await page.goto(`${instance.baseUrl}/sign-in?next=${encodeURIComponent('//evil.example')}`)
    await signIn()
    await expect(page).toHaveURL(`${instance.baseUrl}/graph`)
  } finally {
    await instance.down()
    await admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
    await admin.end()
    rmSync(folder, { recursive: true, force: true })
  }
})

test('the graph says that it is partial while a feeder is silent, and stops saying so by itself', async ({ page }) => {
  test.skip(!serverUrl, 'POSTERN_TEST_DATABASE_URL is not set: run by npm test')
  test.setTimeout(150_000)
  const target = new URL(serverUrl ?? '')
  const name = `postern_partial_${process.pid}`
  const admin = new pg.Client({ connectionString: target.href })
  await admin.connect()
  await admin.query(`CREATE DATABASE ${name}`)
  target.pathname = `/${name}`
  const folder = mkdtempSync(path.join(os.tmpdir(), 'postern-partial-'))
  const port = await freePort()
  const instance = new Instance(`http://127.0.0.1:${port}`, port, folder, target.href)
  const database = new pg.Client({ connectionString: target.href })
  const post = async (): Promise<void> => {
    const headers = { 'x-postern-cluster': 'prod-eu' }
    const response = await fetch(`${instance.baseUrl}/api/ingest/hubble`, { method: 'POST', headers, body: flow('n') })
    expect(await response.json()).toMatchObject({ accepted: 1 })
  }
  try {
    await instance.up()
    await database.connect()
    await page.goto(`${instance.baseUrl}/graph?scope=all&layout=table`)
    await expect(page.getByText('● live')).toBeVisible()
    await post()
    await expect(page.getByRole('button', { name: /Evidence of n \/ caller/ })).toBeVisible()
    const banner = page.getByRole('status', { name: 'Completeness of the graph' })
    await expect(banner).toBeEmpty()

    // The feeder stopped five minutes ago: nobody commits anything that a browser could hear of.
    await database.query(
      `UPDATE source_minute SET minute = minute - interval '5 minutes', last_received = last_received - interval '5 minutes'`,
    )
    await expect(banner).toContainText('The graph is partial: Hubble of prod-eu has been silent since', {
      timeout: 25_000,
    })
    await expect(banner).toContainText('edges and verdicts may be missing.')
    await expect(banner.getByRole('link', { name: 'Sources' })).toHaveAttribute('href', '/sources')
    expect(
      (await new AxeBuilder({ page }).include('[aria-label="Completeness of the graph"]').analyze()).violations,
    ).toEqual([])

    await post()
    await expect(banner).toBeEmpty({ timeout: 25_000 })
  } finally {
    await instance.down()
    await database.end()
    await admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
    await admin.end()
    rmSync(folder, { recursive: true, force: true })
  }
})
