import { handle, json } from '@/lib/http/handle'
import { openShortLink } from '@/lib/usecases/short-links'

export const dynamic = 'force-dynamic'

/** The path that a code stands for. */
export const GET = handle<{ code: string }>({
  name: 'short-links.open',
  access: 'viewer',
  run: async ({ params }) => json(await openShortLink(params.code)),
})
