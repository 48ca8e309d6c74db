import 'server-only'
import { planCases } from '@/lib/findings/plan-cases'
import { REOPEN_WINDOW_MS } from '@/lib/findings/plan-finding-changes'
import type { CasePlanner } from '@/lib/store/sync-cases'

/** How incidents follow their findings. */
export const CASE_PLANNER: CasePlanner = { plan: planCases, reopenWindowMs: REOPEN_WINDOW_MS }
