import { z } from 'zod'
import { baseUrlOf } from '@/lib/http/base-url'
import { handle, json } from '@/lib/http/handle'
import { readQuery } from '@/lib/http/read-query'
import { canaryManifestOf } from '@/lib/usecases/canary-manifest'
import { NAMESPACE_NAME } from '../names'

export const dynamic = 'force-dynamic'

/** `a=b,c=d` of Kubernetes labels. */
const LABELS = z
  .string()
  .max(1000)
  .transform((text, context) => {
    const pairs = text.split(',').filter((pair) => pair.trim() !== '')
    const labels = pairs.map((pair) => LABEL.exec(pair.trim()))
    if (labels.every((label) => label !== null))
      return Object.fromEntries(labels.map(([, key = '', value = '']) => [key, value]))
    context.addIssue({ code: 'custom', message: 'labels such as app=agent,tier=ml' })
    return z.NEVER
  })
const LABEL =
  /^((?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?\/)?[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)=((?:[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?)$/
const IMAGE = /^[a-z0-9](?:[a-z0-9._:/-]{0,250}[a-z0-9])?(?:@sha256:[0-9a-f]{64})?$/i
const ADDRESS = z
  .url({ protocol: /^https?$/, error: 'an http(s) URL' })
  .max(500)
  .refine((text) => !/[\s"'`$\\]/.test(text) && !new URL(text).username, 'a URL without credentials and quotes')
  .transform((text) => text.replace(/\/+$/, ''))

const parameters = z.strictObject({
  namespace: NAMESPACE_NAME,
  kind: z.enum(['CronJob', 'Deployment']).default('CronJob'),
  interval: z.coerce.number().default(5),
  image: z.string().regex(IMAGE, 'an image reference').optional(),
  url: ADDRESS.optional(),
  echo: ADDRESS.optional(),
  labels: LABELS.optional(),
  nodes: LABELS.optional(),
  as: z.enum(['yaml', 'json']).default('yaml'),
})

/** The manifest of a probe for a namespace, as YAML, or as JSON `{manifest}` for the page. It holds no secret. */
export const GET = handle({
  name: 'canary.manifest',
  access: 'viewer',
  async run({ request, url }) {
    const { url: given, nodes, interval, as, ...wanted } = readQuery(url, parameters)
    const yaml = canaryManifestOf({
      ...wanted,
      intervalMinutes: interval,
      postern: given ?? baseUrlOf(request),
      labels: wanted.labels ?? {},
      nodeSelector: nodes ?? {},
    })
    if (as === 'json') return json({ manifest: yaml })
    return new Response(yaml, { headers: { 'content-type': 'application/yaml', 'cache-control': 'no-store' } })
  },
})
