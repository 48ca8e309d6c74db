import { handle, json } from '@/lib/http/handle'

export const dynamic = 'force-dynamic'

/** The process answers. */
export const GET = handle({ name: 'health.live', access: 'public', run: async () => json({ status: 'live' }) })
