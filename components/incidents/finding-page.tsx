'use client'
import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { TopBar } from '@/components/frame/top-bar'
import { fetchJson, isMissing } from '@/components/providers/fetch-json'
import { LoadProblem } from '@/components/ui/load-problem'
import type { FindingDetail } from '@/lib/model/incident-case'
import { LIMITS } from '@/lib/model/limits'
import { findingEventSentence } from '@/lib/view/finding-words'
import { FindingActions } from './finding-actions'
import { FindingFacts } from './finding-facts'
import { NoSuch } from './no-such'
import { TextForm } from './text-form'
import { Timeline } from './timeline'
import { FINDINGS_KEY } from './use-act'

const REFRESH_MS = 5000

/** One finding: what it says, what to do with it, and what happened to it. */
export function FindingPage({ findingId }: { findingId: string }) {
  const { data, error, refetch } = useQuery({
    queryKey: [...FINDINGS_KEY, 'one', findingId],
    queryFn: () => fetchJson<FindingDetail>(`/api/findings/${findingId}`),
    refetchInterval: (query) => !isMissing(query.state.error) && REFRESH_MS,
  })
  return (
    <>
      <TopBar title="Finding">
        <Link className="mr-auto text-(--accent) underline" href="/incidents">
          All findings
        </Link>
      </TopBar>
      <main className="min-h-0 flex-1 overflow-y-auto p-4">
        {isMissing(error) && <NoSuch what="finding" />}
        {error && !isMissing(error) && (
          <LoadProblem
            text={`This finding could not be ${data ? 'asked again, and what follows is older' : 'loaded'}: ${error.message}`}
            onRetry={() => void refetch()}
          />
        )}
        {!data && !error && <p className="text-(--text-muted)">Loading the finding …</p>}
        {data && !isMissing(error) && <Detail detail={data} />}
      </main>
    </>
  )
}

function Detail({ detail: { finding, incident, events } }: { detail: FindingDetail }) {
  return (
    <article className="max-w-4xl space-y-5">
      <header>
        <h2 className="mb-2 text-[20px] leading-snug font-semibold break-words">{finding.title}</h2>
        <FindingFacts finding={finding} />
        {incident && (
          <p className="mt-2 break-words">
            Part of the {incident.status} incident{' '}
            <Link className="text-(--accent) underline" href={`/incidents/${incident.id}`}>
              {incident.title}
            </Link>
          </p>
        )}
      </header>
      <FindingActions finding={finding} />
      <section aria-labelledby="happened">
        <h3 id="happened" className="mb-2 text-[15px] font-semibold">
          What happened
        </h3>
        <Timeline
          lines={[...events]
            .reverse()
            .map((event) => ({ key: event.id, atMs: event.atMs, text: findingEventSentence(event) }))}
        />
        <div className="mt-3 max-w-xl">
          <TextForm
            path={`/api/findings/${finding.id}/comment`}
            name="text"
            label="Comment"
            submit="Comment"
            most={LIMITS.commentChars}
            isLong
          />
        </div>
      </section>
    </article>
  )
}
