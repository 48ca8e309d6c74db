'use client'
import { CircleCheck, CircleDashed, TriangleAlert } from 'lucide-react'
import Link from 'next/link'
import { useId } from 'react'
import { Prose } from '@/components/ui/prose'
import type { Way } from '@/lib/connect/ways'
import type { SourceLine } from '@/lib/model/source-report'
import { formatCount, formatMoment } from '@/lib/view/format'
import { DEFAULT_VIEW, serializeGraphView } from '@/lib/view/graph-view'
import { useArrival } from './use-arrival'

interface Props {
  readonly way: Way
  readonly cluster: string
  readonly hop: string
  readonly address: string
  readonly tokenId: string
}

/** Whether the first record arrived, live; until then, how far it came and what to do. */
export function ArrivalTick(props: Props) {
  const id = useId()
  const { seen, error } = useArrival(props)
  const arrival = seen?.arrival
  const Icon =
    arrival?.state === 'arrived' ? CircleCheck : arrival?.state === 'waiting' || !arrival ? CircleDashed : TriangleAlert
  return (
    <section aria-labelledby={id} className="grid gap-1 rounded-md border border-(--border) bg-(--surface) p-3">
      <h3 id={id} className="font-semibold">
        First record
      </h3>
      {error && <p role="alert">What follows may be old. {error}</p>}
      <div role="status" className="flex items-start gap-2">
        <Icon aria-hidden size={16} className="mt-0.5 flex-none" />
        <div className="grid min-w-0 gap-1">
          <p>
            <strong className="font-medium">{arrival ? arrival.text : 'Asking …'}</strong>
          </p>
          {arrival && arrival.state !== 'arrived' && (
            <p className="text-(--text-muted)">
              <Prose text={arrival.remedy} />
            </p>
          )}
          {arrival?.state === 'arrived' && (
            <Arrived line={arrival.line} firstMs={seen?.firstMs} cluster={props.cluster} />
          )}
        </div>
      </div>
    </section>
  )
}

function Arrived({ line, firstMs, cluster }: { line: SourceLine; firstMs: number | undefined; cluster: string }) {
  const graph = serializeGraphView({ ...DEFAULT_VIEW, cluster, scope: 'all' })
  return (
    <>
      {firstMs !== undefined && <p>Received {formatMoment(firstMs)}.</p>}
      <p>
        Since then {formatCount(line.acceptedInWindow)} accepted, {formatCount(line.duplicatesInWindow)} known already,{' '}
        {formatCount(line.rejectedInWindow)} rejected.
      </p>
      {line.rejects.length > 0 && (
        <ul aria-label="Rejected, by reason">
          {line.rejects.map(({ reason, count, hint }) => (
            <li key={reason}>
              {formatCount(count)} × <code>{reason}</code>. <Prose text={hint} />
            </li>
          ))}
        </ul>
      )}
      <p>
        <Link href={`/graph?${graph}`} className="underline">
          Open the graph of {cluster}
        </Link>
      </p>
    </>
  )
}
