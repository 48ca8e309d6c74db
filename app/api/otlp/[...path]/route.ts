import { answerOtlp } from '@/lib/http/otlp'

export const dynamic = 'force-dynamic'

export const POST = answerOtlp
export const GET = answerOtlp
export const PUT = answerOtlp
export const PATCH = answerOtlp
export const DELETE = answerOtlp
export const OPTIONS = answerOtlp
