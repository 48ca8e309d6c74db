import { expect, test } from './fixtures'

const nowNs = () => `${Date.now() - 5000}000000`
const attribute = (key: string, value: string | number) => ({
  key,
  value: typeof value === 'number' ? { intValue: value } : { stringValue: value },
})

test('an OTLP span draws its call with model and tokens, and its prompt is stored nowhere', async ({
  page,
  request,
}) => {
  const [startTimeUnixNano, endTimeUnixNano] = [nowNs(), nowNs()]
  const body = {
    resourceSpans: [
      {
        resource: {
          attributes: [
            attribute('service.name', 'writer'),
            attribute('k8s.namespace.name', 'docs'),
            attribute('k8s.deployment.name', 'writer'),
          ],
        },
        scopeSpans: [
          {
            spans: [
              {
                traceId: '0af7651916cd43dd8448eb211c80319c',
                spanId: 'b7ad6b7169203331',
                name: 'chat gpt-5',
                kind: 3,
                startTimeUnixNano,
                endTimeUnixNano,
                attributes: [
                  attribute('server.address', 'api.openai.com'),
                  attribute('server.port', 443),
                  attribute('gen_ai.operation.name', 'chat'),
                  attribute('gen_ai.provider.name', 'openai'),
                  attribute('gen_ai.request.model', 'gpt-5'),
                  attribute('gen_ai.usage.input_tokens', 120),
                  attribute('gen_ai.usage.output_tokens', 34),
                  attribute('gen_ai.input.messages', 'PROMPT-MARKER'),
                ],
              },
            ],
          },
        ],
      },
    ],
  }
  const answer = await request.post('/v1/traces', {
    headers: { 'content-type': 'application/json' },
    data: JSON.stringify(body),
  })
  expect(answer.status()).toBe(200)
  expect(await answer.text()).toBe('{}')
  await page.goto('/graph?q=writer&layout=table')
  await page.getByRole('button', { name: 'Evidence of docs / writer to OpenAI · api.openai.com, port 443' }).click()
  await expect(page.getByText('1 model call of gpt-5: 120 tokens in, 34 out, 0 failed.')).toBeVisible()
  expect(await (await request.get('/api/graph?q=writer')).text()).not.toContain('PROMPT-MARKER')
})

test('what is no OTLP is answered with a status that says so', async ({ request }) => {
  const answer = await request.post('/v1/traces', { headers: { 'content-type': 'application/json' }, data: '[]' })
  expect(answer.status()).toBe(400)
  expect((await answer.json()).message).toBeTruthy()
})

const json = { 'content-type': 'application/json' }

test('metrics, and logs that carry no flows, succeed in part and name the setting that stops them', async ({
  request,
}) => {
  const metrics = {
    resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name: 'm', gauge: { dataPoints: [{ asInt: '1' }] } }] }] }],
  }
  for (const path of ['/v1/metrics', '/api/otlp/v1/metrics', '/v1/traces/v1/metrics']) {
    const answer = await request.post(path, { headers: json, data: JSON.stringify(metrics) })
    expect(answer.status()).toBe(200)
    const { partialSuccess } = await answer.json()
    expect(partialSuccess.rejectedDataPoints).toBe('1')
    expect(partialSuccess.errorMessage).toContain('OTEL_METRICS_EXPORTER=none')
  }
  const logs = { resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: { stringValue: 'LOG-MARKER' } }] }] }] }
  const answer = await request.post('/v1/logs', { headers: json, data: JSON.stringify(logs) })
  expect(answer.status()).toBe(200)
  const text = await answer.text()
  expect(text).toContain('"rejectedLogRecords":"1"')
  expect(text).not.toContain('LOG-MARKER')
})

test('a path that is none of OTLP and another method are answered in its words', async ({ request }) => {
  const lost = await request.post('/v1/trace', { headers: json, data: '{}' })
  expect(lost.status()).toBe(404)
  expect((await lost.json()).message).toContain('/v1/traces')
  const read = await request.get('/v1/traces')
  expect([read.status(), read.headers().allow]).toEqual([405, 'POST'])
  const slash = await request.post('/v1/traces/', { headers: json, data: '{}', maxRedirects: 0 })
  expect(slash.status()).toBe(200)
})
