import type { EdgeDetail } from '@/lib/model/edge-detail'
import { doorSentences } from '@/lib/view/door-sentence'
import { DoorConnections } from './door-connections'

/** By which door an edge left: sentences, and each connection with the raw rows behind its judgement. */
export function DoorEvidence({ detail, isHeadSaid = false }: { detail: EdgeDetail; isHeadSaid?: boolean }) {
  const { door } = detail.edge
  if (!door) return null
  const sentences = doorSentences(door, detail.wouldVerify.length > 0)
  return (
    <>
      {(isHeadSaid ? sentences.slice(1) : sentences).map((sentence) => (
        <p key={sentence} className="wrap-anywhere">
          {sentence}
        </p>
      ))}
      <DoorConnections connections={detail.connections} total={detail.connectionsTotal} />
    </>
  )
}

/** What would make an unverified door known, step by step. */
export function WouldVerify({ steps }: { steps: readonly string[] }) {
  return (
    <ol className="ml-4 grid list-decimal gap-1">
      {steps.map((step) => (
        <li key={step} className="wrap-anywhere">
          {step}
        </li>
      ))}
    </ol>
  )
}
