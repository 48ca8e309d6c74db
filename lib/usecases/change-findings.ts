import 'server-only'
import { AppError } from '@/lib/errors'
import { summariseCase } from '@/lib/findings/summarise-case'
import type { Finding } from '@/lib/model/finding'
import { LIMITS } from '@/lib/model/limits'
import { DAY_MS, type UnixMillis } from '@/lib/model/units'
import { type CaseAction, changeCase, openCase } from '@/lib/store/change-case'
import { changeFinding, type FindingAction } from '@/lib/store/change-finding'
import { CASE_PLANNER } from './case-planner'

/** Who does something, and when. */
export interface Doer {
  readonly actor: string
  readonly nowMs: UnixMillis
}

/**
 * Does one thing with one finding, and answers it as it is then. Errors: `not_found`; `bad_request` where a risk is accepted until
 * a time that is past, or more than a year away; `unavailable`.
 */
export async function actOnFinding(id: string, action: FindingAction, doer: Doer): Promise<Finding> {
  if (action.kind === 'accept' && action.untilMs !== undefined) {
    if (action.untilMs <= doer.nowMs) throw new AppError('bad_request', 'the acceptance would be over already')
    if (action.untilMs > doer.nowMs + LIMITS.acceptanceDays * DAY_MS)
      throw new AppError('bad_request', `a risk is accepted for ${LIMITS.acceptanceDays} days at most`, {
        hint: 'Choose an earlier end, or accept it until you end it.',
      })
  }
  const finding = await changeFinding(id, action, { ...doer, cases: CASE_PLANNER })
  if (!finding) throw new AppError('not_found', 'no such finding')
  return finding
}

/** Does one thing with one incident. Errors: `not_found`, `bad_request`, `unavailable`. */
export async function actOnIncident(id: string, action: CaseAction, doer: Doer): Promise<void> {
  if (!(await changeCase(id, action, { ...doer, cases: CASE_PLANNER })))
    throw new AppError('not_found', 'no such incident')
}

/** Opens an incident over findings that a person chose; answers its id. Errors: `not_found`, `bad_request`, `unavailable`. */
export const openIncident = (findingIds: readonly string[], doer: Doer): Promise<string> =>
  openCase(findingIds, summariseCase, { ...doer, cases: CASE_PLANNER })
