import { Part } from '@/components/ui/part'
import type { Mismatch } from '@/lib/model/mismatch'
import { MISMATCH_CAUSES, MISMATCH_WORD, mismatchSentence } from '@/lib/view/mismatch-words'

/** Where flows and traces do not fit together, each with what usually is behind it; nothing where they do. */
export function MismatchNotes({ mismatches }: { mismatches: readonly Mismatch[] }) {
  return mismatches.map((mismatch) => (
    <Part key={`${mismatch.kind} ${mismatch.clientId} ${mismatch.providerId}`} title={MISMATCH_WORD[mismatch.kind]}>
      <p className="wrap-anywhere">{mismatchSentence(mismatch)}</p>
      <ul className="mt-1 ml-4 list-disc text-(--text-muted)">
        {MISMATCH_CAUSES[mismatch.kind].map((cause) => (
          <li key={cause}>{cause}</li>
        ))}
      </ul>
    </Part>
  ))
}
