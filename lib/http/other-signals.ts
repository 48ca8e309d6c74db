import 'server-only'
import { AppError } from '@/lib/errors'
import { refuseSignal } from '@/lib/usecases/refuse-signal'
import { handle } from './handle'

/** OTLP metrics and logs, on each of their paths: refused in the protocol's own words, with the setting that stops them. */
export const postOtherSignal = handle<{ signal: string }>({
  name: 'ingest.other-signal',
  access: 'ingest',
  async run({ request, url }) {
    const answer = refuseSignal(url.pathname, request.headers.get('content-type'))
    if (!answer) throw new AppError('not_found', 'no such path', { hint: 'OTLP traces go to /v1/traces.' })
    return new Response(Buffer.from(answer.body), {
      status: answer.status,
      headers: { 'content-type': answer.contentType },
    })
  },
})
