import 'server-only'
import { processGlobal } from '@/lib/process-global'
import type { IdentifiedBatch } from './identified-batch'

/** Fewer rows are checked at once: to copy them gains less than doing a commit again costs. */
const WORTH_TRUSTING = 256
/** Commits that are checked after a repeat: repeats come in runs (a sender that starts over, a stream read again). */
const CHECKED_AFTER_REPEAT = 16

/**
 * Whether evidence may be written as if no record had been told before, which is faster and nearly always so: a body that is
 * sent again is known by its hash, and a record is told again only where a source begins anew.
 */
class EvidenceTrust {
  private checked = 0

  /** Asked once per commit. Sources that tell records again by nature (Calico) are never trusted. */
  isDue(batches: readonly IdentifiedBatch[]): boolean {
    const rows = batches.reduce((sum, batch) => sum + batch.evidence.length, 0)
    if (rows < WORTH_TRUSTING || batches.some((batch) => batch.evidence.some((row) => row.evidence.flow.sibling)))
      return false
    if (this.checked === 0) return true
    this.checked -= 1
    return false
  }

  disappoint(): void {
    this.checked = CHECKED_AFTER_REPEAT
  }
}

export const evidenceTrust = (): EvidenceTrust => processGlobal('evidence-trust', () => new EvidenceTrust())
