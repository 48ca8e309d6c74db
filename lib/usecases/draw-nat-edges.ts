import 'server-only'
import { HOUR_MS } from '@/lib/model/units'
import { withTransaction } from '@/lib/store/client'
import { makeNatEdges, type NatPass } from '@/lib/store/make-nat-edges'
import { forgetDnsQuestions } from '@/lib/store/save-dns-questions'

/** Far longer than anything may come late: names that questions gave are kept with their connections by then. */
const QUESTIONS_KEPT_MS = 3 * HOUR_MS
/** Batches of one call; what is left waits for the next, so that judging is never kept from its turn. */
const MOST_BATCHES = 50

/**
 * Draws what only NAT records tell of, where it is known which pod it was, and forgets old questions. Call it before judging.
 * Errors: `unavailable`.
 */
export async function drawNatEdges(pass: NatPass): Promise<void> {
  for (let batch = 0; batch < MOST_BATCHES; batch += 1) if ((await makeNatEdges(pass)) === 0) break
  await withTransaction((client) => forgetDnsQuestions(client, pass.nowMs - QUESTIONS_KEPT_MS))
}
