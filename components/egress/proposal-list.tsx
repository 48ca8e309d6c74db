'use client'
import { Button } from '@/components/ui/button'
import { Chip } from '@/components/ui/chip'
import type { EgressProposal } from '@/lib/model/egress-proposal'
import type { Draft } from './entry-sheet'
import { useEgressProposals } from './use-egress-entries'

const SOURCE_WORDS: Readonly<Record<EgressProposal['source'], string>> = {
  cilium: 'Cilium policy',
  calico: 'Calico gateway',
  observed: 'seen',
}

interface Props {
  readonly dataset: string
  /** No egress point is declared: this is where to begin. */
  readonly isFirst: boolean
  onUse(drafts: readonly Draft[]): void
}

/** What could be declared of what is seen, with its evidence and its doubts. Nothing of it is in force. */
export function ProposalList({ dataset, isFirst, onUse }: Props) {
  const { data, error } = useEgressProposals(dataset)
  if (error) return <p role="alert">The proposals could not be loaded: {error.message}</p>
  if (!data) return <p className="text-(--text-muted)">Looking for addresses that nothing here declares …</p>
  if (data.proposals.length === 0 && !isFirst) return null
  return (
    <section aria-labelledby="proposals" className="grid gap-2">
      <h3 id="proposals" className="font-semibold">
        {isFirst ? 'What leaves now' : 'Proposals'}
      </h3>
      <p className="text-(--text-muted)">
        {isFirst
          ? 'No way out is declared yet, so no door is right or wrong. Begin with what was seen, or make an egress point by hand.'
          : 'Addresses that were seen and egress gateways of your clusters that nothing here declares.'}{' '}
        Nothing of it is in force: it fills the forms.
      </p>
      {data.proposals.length === 0 && (
        <p>No public address was seen to leave by, and no inventory has an egress gateway: send NAT records first.</p>
      )}
      <ul className="grid gap-2">
        {data.proposals.map((proposal) => (
          <li key={proposal.id} className="grid gap-1 rounded-md border border-(--border) bg-(--surface) p-3">
            <div className="flex flex-wrap items-center gap-2">
              <strong className="font-semibold">{proposal.title}</strong>
              <Chip>{SOURCE_WORDS[proposal.source]}</Chip>
              <Chip>cluster {proposal.cluster}</Chip>
              <Button
                size="small"
                className="ml-auto"
                aria-label={`Use: ${proposal.title}`}
                onClick={() => onUse(draftsOf(proposal))}
              >
                Use it…
              </Button>
            </div>
            {proposal.evidence.map((sentence) => (
              <p key={sentence}>{sentence}</p>
            ))}
            {proposal.warnings.map((sentence) => (
              <p key={sentence}>
                <strong className="font-medium">Look out:</strong> {sentence}
              </p>
            ))}
          </li>
        ))}
      </ul>
    </section>
  )
}

/** A rule names its point, so the point comes first. */
function draftsOf({ point, path, rules, evidence, warnings }: EgressProposal): Draft[] {
  const shared = { revision: null, notes: [...evidence, ...warnings] }
  return [
    { kind: 'point', initial: point, ...shared },
    ...(path ? [{ kind: 'path', initial: path, ...shared } as const] : []),
    ...rules.map((rule) => ({ kind: 'rule', initial: rule, ...shared }) as const),
  ]
}
