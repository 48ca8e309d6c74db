import { postTraces } from '@/lib/http/traces'

export const dynamic = 'force-dynamic'

export const POST = postTraces
