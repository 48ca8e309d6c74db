import 'server-only'
import { makeNatEdges, type NatPass } from '@/lib/store/make-nat-edges'

/** Batches of one call; what is left waits for the next, so that judging is never kept from its turn. */
const MOST_BATCHES = 50

/**
 * Draws what only NAT records tell of, where it is known which pod it was. Call it before judging. Errors: `unavailable`.
 */
export async function drawNatEdges(pass: NatPass): Promise<void> {
  for (let batch = 0; batch < MOST_BATCHES; batch += 1) if ((await makeNatEdges(pass)) === 0) break
}
