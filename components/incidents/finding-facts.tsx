'use client'
import { Chip } from '@/components/ui/chip'
import type { Finding } from '@/lib/model/finding'
import { acceptedSentence, actorWords, CERTAINTY_WORD, FINDING_STATUS, seenSentence } from '@/lib/view/finding-words'
import { FindingLinks } from './finding-links'
import { SeverityMark } from './severity-mark'
import { detectorTitle, useDetectors } from './use-detectors'

/** What a finding says: how bad, how sure, what was seen, and what would show that it is otherwise. */
export function FindingFacts({ finding }: { finding: Finding }) {
  const detectors = useDetectors(finding.dataset)
  const { status, facts, disproof, accepted, acknowledged } = finding
  return (
    <>
      <p className="flex flex-wrap items-center gap-2">
        <SeverityMark severity={finding.severity} />
        <Chip>{FINDING_STATUS[status].word}</Chip>
        <Chip>{CERTAINTY_WORD[finding.certainty]}</Chip>
        <Chip>{detectorTitle(detectors, finding.detector)}</Chip>
        <Chip>cluster {finding.cluster}</Chip>
        {acknowledged && <Chip>acknowledged by {actorWords(acknowledged.by)}</Chip>}
        {finding.assignee !== undefined && <Chip>assigned to {finding.assignee}</Chip>}
        {accepted && <Chip>risk accepted</Chip>}
      </p>
      <p className="mt-2 text-(--text-muted)">
        {seenSentence(finding)} {FINDING_STATUS[status].meaning}
      </p>
      {accepted && <p className="mt-2 break-words">{acceptedSentence(accepted)}</p>}
      {facts.length > 0 && (
        <ul className="mt-2 list-disc space-y-0.5 pl-5">
          {facts.map((fact) => (
            <li key={fact} className="break-words">
              {fact}
            </li>
          ))}
        </ul>
      )}
      {disproof !== '' && (
        <p className="mt-2 break-words">
          <span className="font-medium">What would show that it is otherwise:</span> {disproof}
        </p>
      )}
      <div className="mt-2">
        <FindingLinks finding={finding} />
      </div>
    </>
  )
}
