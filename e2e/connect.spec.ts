import AxeBuilder from '@axe-core/playwright'
import type { Locator, Page } from '@playwright/test'
import { expect, test } from './fixtures'

/** One allowed call, as the exporter writes it. */
const flow = (cluster: string): string =>
  `${JSON.stringify({
    flow: {
      time: new Date(Date.now() - 2000).toISOString(),
      verdict: 'FORWARDED',
      event_type: { type: 5 },
      traffic_direction: 'EGRESS',
      IP: { source: '10.9.0.1', destination: '10.9.0.2' },
      l4: { TCP: { source_port: 40_000, destination_port: 8080 } },
      source: { namespace: 'a', pod_name: `caller-${cluster}` },
      destination: { namespace: 'b', pod_name: 'server' },
    },
  })}\n`

const span = (): string =>
  JSON.stringify({
    resourceSpans: [
      {
        resource: { attributes: [{ key: 'service.name', value: { stringValue: 'planner' } }] },
        scopeSpans: [
          {
            spans: [
              {
                traceId: '5b8efff798038103d269b633813fc60c',
                spanId: 'eee19b7ec3c1b174',
                name: 'chat',
                kind: 3,
                startTimeUnixNano: String((Date.now() - 3000) * 1e6),
                endTimeUnixNano: String((Date.now() - 2000) * 1e6),
                attributes: [{ key: 'server.address', value: { stringValue: 'api.openai.com' } }],
              },
            ],
          },
        ],
      },
    ],
  })

const tick = (page: Page) => page.getByRole('region', { name: 'First record' })
const step = (page: Page, title: RegExp) =>
  page.getByRole('listitem').filter({ has: page.getByRole('heading', { name: title }) })

const textOf = async (place: Locator): Promise<string> => (await place.locator('pre').textContent()) ?? ''

/** Makes the token by its button, and reads it where it is pasted from. */
async function makeToken(page: Page, secretStep: RegExp): Promise<string> {
  await page.getByRole('button', { name: 'Make a token' }).click()
  await expect(page.getByText('Copy it now: only a hash of it is kept')).toBeVisible()
  const pasted = await textOf(step(page, secretStep))
  const token = /pst_[0-9a-f]{12}_[A-Za-z0-9_-]{43}/.exec(pasted)?.[0]
  if (token === undefined) throw new Error('no token in what is pasted')
  return token
}

test('Cilium: with the address and the token as they are pasted, the first record ticks, refused ones before it with their reason', async ({
  page,
}) => {
  await page.goto('/connect?way=hubble-exporter&cluster=tick-cilium')
  await expect(tick(page)).toContainText('No hubble record of cluster tick-cilium has come yet.')
  const token = await makeToken(page, /The token, as a Secret/)
  await expect(tick(page)).toContainText('Nothing has come with this token yet.')
  const values = await textOf(step(page, /values of its Helm chart/))
  const [, host] = /Host +(\S+)/.exec(values) ?? []
  const [, port] = /Port +(\S+)/.exec(values) ?? []
  const [, uri] = /URI +(\S+)/.exec(values) ?? []
  const [, cluster] = /X-Postern-Cluster (\S+)/.exec(values) ?? []
  const send = (body: string) =>
    fetch(`http://${host}:${port}${uri}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'x-postern-cluster': cluster ?? '' },
      body,
    })
  expect((await send('garbage\n')).status).toBe(200)
  await expect(tick(page)).toContainText('reached Postern, and everything was rejected: not_json.')
  await expect(tick(page)).toContainText('Send one JSON object per line')
  expect(await (await send(flow('tick-cilium'))).json()).toMatchObject({ accepted: 1 })
  await expect(tick(page)).toContainText('hubble of tick-cilium: the first record arrived.')
  await expect(tick(page)).toContainText('1 accepted, 0 known already, 1 rejected.')
  await expect(tick(page)).toContainText('1 × not_json')
  await tick(page).getByRole('link', { name: 'Open the graph of tick-cilium' }).click()
  await expect(page).toHaveURL(/\/graph\?cluster=tick-cilium&scope=all/)

  // Once and never again: neither the page nor the list of tokens has the secret.
  await page.goto('/connect?way=hubble-exporter&cluster=tick-cilium')
  await expect(page.getByRole('button', { name: 'Make a token' })).toBeVisible()
  expect(await page.content()).not.toContain(token)
  const listed = await (await page.request.get('/api/tokens')).text()
  expect(listed).not.toContain(token.split('_')[2])
  expect(JSON.parse(listed).tokens).toContainEqual(
    expect.objectContaining({ cluster: 'tick-cilium', scopes: ['ingest'], expiresMs: expect.any(Number) }),
  )
})

test('OpenTelemetry: a span sent to the pasted endpoint with the pasted header ticks', async ({ page }) => {
  await page.goto('/connect')
  await page.getByRole('button', { name: 'A collector that is there already' }).click()
  await page.getByLabel('Cluster', { exact: true }).fill('tick-otel')
  await page.getByRole('button', { name: 'Write them into the commands' }).click()
  await expect(page).toHaveURL(/way=otel-exporter/)
  await expect(tick(page)).toContainText('No otlp record of cluster tick-otel has come yet.')
  const token = await makeToken(page, /The token, as a Secret/)
  const config = await textOf(step(page, /Into the collector’s configuration/))
  const endpoint = /traces_endpoint: "([^"]+)"/.exec(config)?.[1] ?? ''
  const header = /authorization: '([^']+)'/.exec(config)?.[1]?.replace(/\$\{env:POSTERN_TOKEN\}/, token) ?? ''
  const answer = await fetch(endpoint, {
    method: 'POST',
    headers: { authorization: header, 'content-type': 'application/json' },
    body: span(),
  })
  expect(answer.status).toBe(200)
  await expect(tick(page)).toContainText('otlp of tick-otel: the first record arrived.')
})

test('an address that nobody else reaches is said to be one; the best verdict of open-source Calico proves no door', async ({
  page,
}) => {
  await page.goto('/connect?way=hubble-exporter')
  await expect(page.getByText('Only this machine reaches that.')).toBeVisible()
  await page.getByLabel('Address of this server, for senders').fill('https://postern.example.com')
  await page.getByRole('button', { name: 'Write them into the commands' }).click()
  await expect(step(page, /values of its Helm chart/).locator('pre')).toContainText('postern.example.com')
  await page.getByRole('button', { name: 'Goldmane' }).click()
  const table = page.getByRole('table', { name: 'What this set-up can say at best' })
  await expect(table.getByRole('row', { name: /Which policy decided/ })).toContainText('● Yes')
  await expect(table.getByRole('row', { name: /Names of what is outside/ })).toContainText('○ No')
  await expect(table.getByRole('row', { name: /By which address a call left/ })).toContainText(
    'every door stays unverified',
  )
  await expect(tick(page)).toContainText('No collector of this kind runs for cluster')
})

test('the ways to connect are linked from the empty graph, the sources page and the rail', async ({ page }) => {
  await page.goto('/sources')
  await page.getByRole('region', { name: 'Connect my cluster' }).getByRole('link', { name: 'Hubble Relay' }).click()
  await expect(page).toHaveURL(/\/connect\?way=hubble-relay/)
  await expect(page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Sources' })).toHaveAttribute(
    'aria-current',
    'page',
  )
})

for (const scheme of ['light', 'dark'] as const)
  test(`the connect page is free of axe violations and does not scroll sideways in ${scheme}`, async ({
    browser,
    baseURL,
  }) => {
    const context = await browser.newContext({
      colorScheme: scheme,
      viewport: { width: 900, height: 700 },
      ...(baseURL && { baseURL }),
    })
    const page = await context.newPage()
    for (const way of ['hubble-exporter', 'nat-aws', 'otel-collector']) {
      await page.goto(`/connect?way=${way}&cluster=axe`)
      await expect(tick(page)).toContainText('has come yet')
      expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([])
      expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(0)
    }
    await context.close()
  })
