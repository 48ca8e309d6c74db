import { postOtherSignal } from '@/lib/http/other-signals'

export const dynamic = 'force-dynamic'

export const POST = postOtherSignal
