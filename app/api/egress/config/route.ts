import { AppError } from '@/lib/errors'
import { actorOf } from '@/lib/http/actor'
import { handle, json } from '@/lib/http/handle'
import { readText } from '@/lib/http/read-text'
import { LIMITS } from '@/lib/model/limits'
import { egressConfig } from '@/lib/usecases/egress-config'
import { exportEgress, putEgressDocument } from '@/lib/usecases/egress-document'

export const dynamic = 'force-dynamic'

/** What is in force; with `format=yaml` all entries as a config file, of one document with `source`. */
export const GET = handle({
  name: 'egress.config',
  access: 'viewer',
  async run({ url }) {
    const format = url.searchParams.get('format') ?? 'json'
    if (format === 'json') return json(egressConfig())
    if (format !== 'yaml') throw new AppError('bad_request', 'format: json or yaml')
    return new Response(await exportEgress(url.searchParams.get('source') ?? undefined), {
      headers: { 'content-type': 'application/yaml; charset=utf-8', 'cache-control': 'no-store' },
    })
  },
})

/** Takes a whole YAML document: `source` names it, `dryRun=true` only says what it would do. */
export const PUT = handle({
  name: 'egress.document',
  access: 'admin',
  async run({ request, url, caller }) {
    const dryRun = url.searchParams.get('dryRun') ?? 'false'
    if (dryRun !== 'true' && dryRun !== 'false') throw new AppError('bad_request', 'dryRun: true or false')
    return json(
      await putEgressDocument({
        name: url.searchParams.get('source') ?? 'default',
        text: await readText(request, LIMITS.egressDocumentChars),
        isDryRun: dryRun === 'true',
        actor: actorOf(caller),
        dataset: url.searchParams.get('dataset') ?? '',
        nowMs: Date.now(),
      }),
    )
  },
})
