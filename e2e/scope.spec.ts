import AxeBuilder from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { expect, test } from './fixtures'

interface Call {
  readonly from: readonly [namespace: string, name: string]
  readonly to: readonly [namespace: string, name: string]
  readonly port?: number
  readonly isDenied?: boolean
}

/** Calls as the client's node sees them; `run` keeps the records of one test apart from another's. */
const calls = (run: number, all: readonly Call[]): string =>
  all
    .map(({ from, to, port = 8080, isDenied = false }, at) =>
      JSON.stringify({
        flow: {
          time: new Date(Date.now() - 2000).toISOString(),
          uuid: `00000000-0000-4000-a${String(run).padStart(3, '0')}-${String(at).padStart(12, '0')}`,
          verdict: isDenied ? 'DROPPED' : 'FORWARDED',
          ...(isDenied && { drop_reason_desc: 'POLICY_DENIED' }),
          event_type: { type: isDenied ? 5 : 4 },
          traffic_direction: 'EGRESS',
          IP: { source: `10.7.${at >> 8}.${at & 255}`, destination: '10.8.0.1', ipVersion: 'IPv4' },
          l4: { TCP: { source_port: 20_000 + at, destination_port: port, flags: { SYN: true } } },
          source: {
            ID: at + 1,
            identity: 9,
            namespace: from[0],
            pod_name: `${from[1]}-0`,
            labels: [`k8s:app=${from[1]}`],
          },
          destination: { identity: 8, namespace: to[0], pod_name: `${to[1]}-0`, labels: [`k8s:app=${to[1]}`] },
        },
      }),
    )
    .join('\n')

const item = (page: Page, text: RegExp) => page.locator('[data-graph-item]').filter({ hasText: text })

/** Where each node stands on the screen: it changes with the camera. */
const places = (page: Page) =>
  page
    .locator('[data-graph-item^="node:"]')
    .evaluateAll((all) =>
      Object.fromEntries(
        all.map((one) => [one.textContent, `${one.getAttribute('data-x')},${one.getAttribute('data-y')}`]),
      ),
    )

test('a step into a namespace and out of it again comes back to the camera and the filters that were there', async ({
  page,
  postern,
}) => {
  const headers = { 'x-postern-cluster': 'ladder' }
  await postern.post(
    calls(1, [
      { from: ['web', 'front'], to: ['shop', 'api'] },
      { from: ['shop', 'api'], to: ['shop', 'cart'] },
      { from: ['shop', 'cart'], to: ['data', 'redis'] },
    ]),
    { headers },
  )
  await page.goto('/graph?scope=all&cluster=ladder&level=namespace')
  await expect(item(page, /^shop, namespace of/)).toHaveAttribute('data-x', /\d/)
  await page.getByRole('button', { name: 'Monitoring' }).click()
  await expect(page).toHaveURL(/quiet=monitoring/)
  await page.getByRole('button', { name: 'Zoom in' }).click()
  await page.getByRole('button', { name: 'Zoom in' }).click()
  await expect(item(page, /^shop, namespace of/)).toHaveAttribute('data-x', /\d/)
  // The twin tells places when it renders; pressing a node makes it render.
  await item(page, /^shop, namespace of/).press('Enter')
  const panel = page.getByRole('complementary', { name: 'Facts of the node' })
  await expect(panel).toContainText('2 endpoints with an edge in this view; 1 edge is wholly within it')
  const before = await places(page)
  await panel.press('.')
  await expect(page.getByRole('navigation', { name: 'Place' })).toContainText('ladder')
  await expect(item(page, /^shop \/ api, /)).toHaveCount(1)
  await expect(item(page, /^shop \/ cart, /)).toHaveCount(1)
  await expect(item(page, /^web, namespace of/)).toHaveCount(1)
  // What is changed inside is not carried out.
  await page.getByRole('button', { name: 'DNS', exact: true }).click()
  await expect(page).toHaveURL(/quiet=[^&]*dns/)
  await page.keyboard.press(',')
  await expect(page.getByRole('navigation', { name: 'Place' })).toHaveCount(0)
  await expect(page).toHaveURL(/quiet=monitoring(&|$)/)
  await expect(page).toHaveURL(/level=namespace/)
  await expect(item(page, /^shop, namespace of/)).toHaveAttribute('data-x', /\d/)
  await expect.poll(() => places(page)).toEqual(before)
  await page.goBack()
  await expect(item(page, /^shop \/ cart, /)).toHaveCount(1)
  // Further in: the pods of a workload, from kept records, which the page says.
  await item(page, /^shop \/ cart, /).press('.')
  await expect(page.getByText(/Pods are drawn from \d+ kept flow records?/)).toBeVisible()
  await page.getByRole('navigation', { name: 'Place' }).getByRole('button', { name: 'shop' }).click()
  await expect(page.getByRole('navigation', { name: 'Place' }).getByText('shop')).toHaveAttribute(
    'aria-current',
    'location',
  )
  const axe = await new AxeBuilder({ page }).analyze()
  expect(axe.violations).toEqual([])
})

test('a noise toggle hides name lookups but never a denied one, says how many, and shows them again', async ({
  page,
  postern,
}) => {
  const headers = { 'x-postern-cluster': 'noisy' }
  await postern.post(
    calls(2, [
      { from: ['web', 'front'], to: ['kube-system', 'coredns'], port: 53 },
      { from: ['web', 'stray'], to: ['kube-system', 'coredns'], port: 53, isDenied: true },
      { from: ['web', 'front'], to: ['shop', 'api'] },
    ]),
    { headers },
  )
  await page.goto('/graph?scope=all&cluster=noisy&layout=table')
  const rows = page.getByRole('button', { name: /^Evidence of/ })
  await expect(rows).toHaveCount(3)
  await page.getByRole('button', { name: 'DNS', exact: true }).click()
  await expect(rows).toHaveCount(2)
  await expect(page.getByRole('button', { name: /web \/ stray to kube-system \/ coredns/ })).toBeVisible()
  await expect(page.getByText(/^1 edge is hidden as noise \(.*, 0 denied\)/)).toBeVisible()
  await page.getByRole('button', { name: 'why' }).first().click()
  await expect(page.getByText('Noise toggles never hide AI traffic')).toBeVisible()
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Show noise' }).click()
  await expect(rows).toHaveCount(3)
})

test('only problems, by one key: the list names exactly the lines that are drawn, and the legend counts them', async ({
  page,
  request,
}) => {
  expect((await request.post('/api/demo')).ok()).toBe(true)
  await page.goto('/graph?dataset=demo&from=now-1h&scope=all')
  const drawn = page.locator('[data-graph-item^="edge:"]')
  await expect(drawn.first()).toBeAttached()
  const all = await drawn.count()
  await page.keyboard.press('p')
  const list = page.getByRole('region', { name: 'Problems' })
  await expect(list.getByRole('listitem').first()).toContainText('Left by another address')
  const idsOf = async () => ({
    listed: (
      await list.locator('[data-problem]').evaluateAll((ids) => ids.map((one) => one.getAttribute('data-problem')))
    ).sort(),
    drawn: (await drawn.evaluateAll((ids) => ids.map((one) => one.getAttribute('data-graph-item')?.slice(5)))).sort(),
  })
  await expect.poll(async () => (await idsOf()).drawn.length).toBeLessThan(all)
  await expect
    .poll(async () => {
      const ids = await idsOf()
      return ids.listed.join() === ids.drawn.join()
    })
    .toBe(true)
  const counted = await page
    .locator('[data-state] strong')
    .evaluateAll((all) => all.reduce((sum, one) => sum + Number(one.textContent), 0))
  expect(counted).toBe(await drawn.count())
  const axe = await new AxeBuilder({ page }).analyze()
  expect(axe.violations).toEqual([])
  await page.keyboard.press('p')
  await expect(list).toHaveCount(0)
})

test('above the limit the quietest edges go, denied ones never, and all are shown at a press', async ({
  page,
  postern,
}) => {
  const headers = { 'x-postern-cluster': 'crowd' }
  const crowd = Array.from(
    { length: 30 * 30 },
    (_, at): Call => ({
      from: ['left', `client-a${Math.floor(at / 30)}`],
      to: ['right', `server-a${at % 30}`],
      isDenied: at % 100 === 0,
    }),
  )
  await postern.post(calls(3, crowd), { headers })
  await page.goto('/graph?scope=all&cluster=crowd&layout=table&level=workload')
  await expect(page.getByText(/^Showing 800 of [\d,]+ edges/)).toBeVisible()
  await expect(page.getByText(/^100 quiet edges are left out for readability \(.*, 0 denied\)/)).toBeVisible()
  // Not by role and name: to work out the names of 800 rows takes a browser many seconds.
  const rows = page.locator('tr[data-edge]')
  await expect(rows.filter({ hasText: 'Denied' })).toHaveCount(9)
  await page.getByRole('button', { name: 'Show anyway' }).click()
  await expect(page.getByText(/^Showing 900 of [\d,]+ edges/)).toBeVisible()
  await expect(page).toHaveURL(/cap=0/)
  // As sums of namespaces it is one line. The rows of workloads stay until the sums are there.
  await page.getByRole('button', { name: 'Namespace', exact: true }).click()
  await expect(rows).toHaveCount(1)
  // Events at a node's interface count no connections: nine were denied, and what passed is told by its state alone.
  await expect(rows).toContainText(/left.*right.*900 edges.*Mixed 0 \/ 9/)
})
