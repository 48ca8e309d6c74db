import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from './fixtures'
import { paintedNodes } from './painted-nodes'

/** A page that frames the panel, served on an origin of its own. */
async function serveHost(port: number, panel: string): Promise<{ origin: string; close: () => void }> {
  const server = http.createServer((_request, response) => {
    response.setHeader('content-type', 'text/html')
    response.end(
      `<!doctype html><title>host</title><iframe title="panel" width="1200" height="700" src="${panel}"></iframe>`,
    )
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const { port: chosen } = server.address() as AddressInfo
  return { origin: `http://127.0.0.1:${chosen}`, close: () => server.close() }
}

test('the panel shows in a frame of an allowed origin, in the theme and window that Grafana asks for, and in no other', async ({
  page,
  request,
  baseURL,
}) => {
  expect((await request.post('/api/demo')).ok()).toBe(true)
  const toMs = Date.now()
  const panel = `${baseURL}/embed/graph?dataset=demo&from=${toMs - 3_600_000}&to=${toMs}&theme=dark&layout=table`
  const allowed = new URL(String(test.info().config.metadata.allowedEmbedOrigin))
  const friend = await serveHost(Number(allowed.port), panel)
  const stranger = await serveHost(0, panel)
  try {
    await page.goto(friend.origin)
    const frame = page.frameLocator('iframe')
    await expect(frame.getByRole('row', { name: /agents \/ planner.*OpenAI/ })).toContainText('Left by another address')
    await expect(frame.locator('html')).toHaveAttribute('data-theme', 'dark')
    await expect(frame.getByRole('navigation')).toHaveCount(0)

    const refusal = page.waitForEvent('console', (message) => message.text().includes('frame-ancestors'))
    await page.goto(stranger.origin)
    await refusal
    await expect(page.frameLocator('iframe').getByRole('row')).toHaveCount(0)
  } finally {
    friend.close()
    stranger.close()
  }
})

test('the panel draws what it may only read, without telling anybody of it', async ({ page, request }) => {
  expect((await request.post('/api/demo')).ok()).toBe(true)
  const told: string[] = []
  page.on('request', (one) => one.url().includes('/api/places') && told.push(one.method()))
  await page.goto('/embed/graph?dataset=demo&from=now-1h')
  await expect.poll(() => paintedNodes(page)).toBeGreaterThan(0)
  expect(told.filter((method) => method !== 'GET')).toEqual([])
})

test('no page but the panel may be framed at all, and a token leaves its address at once', async ({ request }) => {
  const graph = await request.get('/graph')
  expect(graph.headers()['content-security-policy']).toContain("frame-ancestors 'none'")
  const embed = await request.get('/embed/graph?token=pst_secret&theme=dark', { maxRedirects: 0 })
  expect(embed.status()).toBe(307)
  expect(embed.headers().location).toMatch(/\/embed\/graph\?theme=dark$/)
  expect(embed.headers()['set-cookie']).toContain('HttpOnly')
})
