'use client'
import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { TopBar } from '@/components/frame/top-bar'
import { fetchJson, isMissing } from '@/components/providers/fetch-json'
import { Chip } from '@/components/ui/chip'
import { LoadProblem } from '@/components/ui/load-problem'
import type { Finding } from '@/lib/model/finding'
import type { CaseDetail, IncidentCase, TimelineEntry } from '@/lib/model/incident-case'
import { LIMITS } from '@/lib/model/limits'
import { actorWords, timelineSentence } from '@/lib/view/finding-words'
import { formatMoment } from '@/lib/view/format'
import { AcceptRisk } from './accept-risk'
import { CaseActions } from './case-actions'
import { CreateLink } from './create-link'
import { FindingFacts } from './finding-facts'
import { NoSuch } from './no-such'
import { ActButton, TextForm } from './text-form'
import { Timeline } from './timeline'
import { CASES_KEY } from './use-act'

const REFRESH_MS = 5000

/** One incident: its sentence, what to do next, its findings with their evidence, and its timeline. */
export function CasePage({ caseId }: { caseId: string }) {
  const { data, error, refetch } = useQuery({
    queryKey: [...CASES_KEY, 'one', caseId],
    queryFn: () => fetchJson<CaseDetail>(`/api/cases/${caseId}`),
    refetchInterval: (query) => !isMissing(query.state.error) && REFRESH_MS,
  })
  return (
    <>
      <TopBar title="Incident">
        <Link className="mr-auto text-(--accent) underline" href="/incidents">
          All incidents
        </Link>
      </TopBar>
      <main className="min-h-0 flex-1 overflow-y-auto p-4">
        {isMissing(error) && <NoSuch what="incident" />}
        {error && !isMissing(error) && (
          <LoadProblem
            text={`This incident could not be ${data ? 'asked again, and what follows is older' : 'loaded'}: ${error.message}`}
            onRetry={() => void refetch()}
          />
        )}
        {!data && !error && <p className="text-(--text-muted)">Loading the incident …</p>}
        {data && !isMissing(error) && <Detail detail={data} />}
      </main>
    </>
  )
}

function Detail({ detail }: { detail: CaseDetail }) {
  const { incident, nextStep, findings, findingsTotal, timeline } = detail
  return (
    <article className="max-w-4xl space-y-5">
      <header>
        <h2 className="mb-2 text-[20px] leading-snug font-semibold break-words">{incident.summary}</h2>
        <p className="flex flex-wrap items-center gap-2">
          <Chip>{incident.status === 'open' ? 'Open' : 'Resolved'}</Chip>
          <Chip>cluster {incident.cluster}</Chip>
          <Chip>{incident.owner === undefined ? 'no owner' : `owner ${incident.owner}`}</Chip>
        </p>
        <p className="mt-2 text-(--text-muted)">{lifeSentence(incident)}</p>
        {nextStep !== '' && (
          <p className="mt-2 break-words">
            <span className="font-medium">Next:</span> {nextStep}
          </p>
        )}
      </header>
      <CaseActions incident={incident} />
      <section aria-labelledby="findings">
        <h3 id="findings" className="mb-2 text-[15px] font-semibold">
          Findings
        </h3>
        {findings.length === 0 && <p className="text-(--text-muted)">It has no finding any more.</p>}
        <ul className="grid gap-2">
          {findings.map((finding) => (
            <FindingCard key={finding.id} finding={finding} caseId={incident.id} />
          ))}
        </ul>
        {findingsTotal > findings.length && (
          <p className="mt-2">{findingsTotal - findings.length} more are not shown.</p>
        )}
      </section>
      <section aria-labelledby="timeline">
        <h3 id="timeline" className="mb-2 text-[15px] font-semibold">
          Timeline
        </h3>
        <Timeline
          lines={timeline.map((entry, at) => ({
            key: keyOf(entry, at),
            atMs: entry.atMs,
            text: timelineSentence(entry),
          }))}
        />
        <div className="mt-3 max-w-xl">
          <TextForm
            path={`/api/cases/${incident.id}/comment`}
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

function FindingCard({ finding, caseId }: { finding: Finding; caseId: string }) {
  return (
    <li className="rounded-md border border-(--border) bg-(--surface) p-3">
      <Link href={`/findings/${finding.id}`} className="mb-1 block text-[14px] break-words hover:underline">
        {finding.title}
      </Link>
      <FindingFacts finding={finding} />
      <div className="mt-2 flex flex-wrap items-center gap-2">
        {finding.accepted ? (
          <ActButton path={`/api/findings/${finding.id}/end-acceptance`}>End the acceptance</ActButton>
        ) : (
          <AcceptRisk findingId={finding.id} />
        )}
        {finding.edgeIds.length > 0 && <CreateLink findingId={finding.id} />}
        <ActButton path={`/api/cases/${caseId}/remove`} body={{ findingIds: [finding.id] }}>
          Take out of the incident
        </ActButton>
      </div>
    </li>
  )
}

function lifeSentence({ openedBy, openedMs, resolvedMs, resolvedReason }: IncidentCase): string {
  const opened = openedBy === 'postern' ? 'Opened' : `Opened by ${actorWords(openedBy)}`
  const ended = resolvedMs === undefined ? '' : `, resolved ${formatMoment(resolvedMs)}`
  return `${opened} ${formatMoment(openedMs)}${ended}${resolvedReason === undefined ? '.' : `: ${resolvedReason}`}`
}

/** Lines of one moment differ by what they are about. */
const keyOf = (entry: TimelineEntry, at: number): string =>
  entry.kind === 'finding' ? entry.event.id : `${entry.kind} ${entry.atMs} ${at}`
