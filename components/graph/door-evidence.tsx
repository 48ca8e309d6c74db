import type { EdgeDetail } from '@/lib/model/edge-detail'
import { doorSentences } from '@/lib/view/door-sentence'
import { DoorConnections } from './door-connections'

/** By which door an edge left: sentences, and the first connections with the raw rows behind their judgement. */
export function DoorEvidence({ detail }: { detail: EdgeDetail }) {
  const { door } = detail.edge
  if (!door) return null
  return (
    <>
      <Sentences all={doorSentences(door, detail.wouldVerify.length > 0)} />
      <DoorConnections connections={detail.connections} total={detail.connectionsTotal} />
    </>
  )
}

export function Sentences({ all }: { all: readonly string[] }) {
  return all.map((sentence) => (
    <p key={sentence} className="wrap-anywhere">
      {sentence}
    </p>
  ))
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
