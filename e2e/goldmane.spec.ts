import { expect, test } from './fixtures'

const seconds = Math.floor(Date.now() / 15_000) * 15 - 30

test('a Goldmane record is drawn with the tier that ended it and the policy that selects the pod', async ({
  page,
  postern,
}) => {
  const record = {
    Key: {
      source_name: 'crawler-7d9c8b6f5-*',
      source_namespace: 'bots',
      source_type: 1,
      dest_name: 'vector-7d9c8b6f5-*',
      dest_namespace: 'ml',
      dest_type: 1,
      dest_port: 6333,
      proto: 'tcp',
      reporter: 2,
      action: 2,
      policies: {
        enforced_policies: [
          {
            kind: 10,
            tier: 'security',
            action: 2,
            rule_index: -1,
            trigger: { kind: 1, namespace: 'ml', name: 'isolate', tier: 'security' },
          },
        ],
      },
    },
    start_time: seconds,
    end_time: seconds + 15,
    packets_in: 3,
    bytes_in: 180,
    num_connections_started: 3,
  }
  const answer = await postern.post(`${JSON.stringify(record)}\n`, {
    source: 'calico',
    headers: { 'x-postern-cluster': 'goldmane' },
  })
  expect(await answer.json()).toMatchObject({ accepted: 1, rejected: 0 })
  await page.goto('/graph?scope=all&q=crawler&layout=table')
  await page.getByRole('button', { name: 'Evidence of bots / crawler to ml / vector, port 6333' }).click()
  await expect(
    page.getByText(
      'Denied at the server (ingress): no rule matched in tier security; denied because policy ml/isolate selects the pod.',
      { exact: true },
    ),
  ).toBeVisible()
})
