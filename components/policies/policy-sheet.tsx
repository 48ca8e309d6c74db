'use client'
import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { PolicyDefinitionText } from '@/components/graph/policy-definition'
import { fetchJson } from '@/components/providers/fetch-json'
import { Chip } from '@/components/ui/chip'
import { CopyButton } from '@/components/ui/copy-button'
import { LoadProblem } from '@/components/ui/load-problem'
import { SideSheet } from '@/components/ui/side-sheet'
import { chipOf } from '@/lib/model/filter-chip'
import { isStaged, policyName } from '@/lib/model/policy'
import { type PolicyDetail, type PolicyLine, parsePolicyId } from '@/lib/model/policy-report'
import { counted, formatCount, formatMoment } from '@/lib/view/format'
import { type GraphView, serializeGraphView } from '@/lib/view/graph-view'
import { countWords, ENGINE_WORD, hitWords, kindWord, policyTitle, wouldWords } from '@/lib/view/policy-words'
import { resolveTime } from '@/lib/view/times'
import { windowWords } from '@/lib/view/window-words'
import { PolicyEdges } from './policy-edges'
import { PolicyOverTime } from './policy-over-time'
import { PolicyRules } from './policy-rules'
import type { PoliciesState } from './use-policies-view'

interface Props {
  readonly state: PoliciesState
  onClose(): void
  onGone(): void
}

/** One policy: what it decided, where, by which rule and when; what it would do; its text. */
export function PolicySheet({ state, onClose, onGone }: Props) {
  const { policies, params, view } = state
  const query = new URLSearchParams(params)
  query.set('policy', policies.open)
  const { data, error, refetch } = useQuery({
    queryKey: ['policy-detail', query.toString()],
    queryFn: () => fetchJson<PolicyDetail>(`/api/policies/detail?${query}`),
  })
  const ref = parsePolicyId(policies.open)
  return (
    <SideSheet
      title={ref ? policyTitle(ref) : 'A policy'}
      description={
        ref
          ? [
              kindWord(ref.kind),
              ref.tier && `tier ${ref.tier}`,
              `cluster ${ref.cluster}`,
              windowWords(view, Date.now()),
            ]
              .filter(Boolean)
              .join(' · ')
          : 'The link names no policy.'
      }
      closeLabel="Close"
      onClose={onClose}
      onGone={onGone}
    >
      <div className="min-h-0 flex-1 space-y-5 overflow-y-auto p-4">
        {error && <LoadProblem text={error.message} onRetry={() => void refetch()} />}
        {!data && !error && <p className="text-(--text-muted)">Loading the policy …</p>}
        {data && <Detail detail={data} windowView={state.windowView} />}
      </div>
    </SideSheet>
  )
}

function Detail({ detail, windowView }: { detail: PolicyDetail; windowView: GraphView }) {
  const { line, workloads, triggers } = detail
  const atMs = Math.min(Date.now(), resolveTime(windowView.to, Date.now()) ?? Date.now())
  return (
    <>
      <section className="space-y-2">
        <p className="flex flex-wrap gap-1">
          {isStaged(line) && <Chip>staged: enforces nothing yet</Chip>}
          {line.engine && <Chip>named by {ENGINE_WORD[line.engine]}</Chip>}
          {line.object?.removedMs !== undefined && <Chip>deleted {formatMoment(line.object.removedMs)}</Chip>}
        </p>
        <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-0.5">
          {factsOf(detail).map(([name, value]) => (
            <div key={name} className="contents">
              <dt className="text-(--text-muted)">{name}</dt>
              <dd className="min-w-0 break-words">{value}</dd>
            </div>
          ))}
        </dl>
        {line.isAtMost && (
          <p className="text-[12px] text-(--text-muted)">
            The source split records by policies and repeated their counters: counts are upper bounds.
          </p>
        )}
        <p className="flex flex-wrap items-center gap-2">
          {line.name !== '' && (
            <Link
              className="text-(--accent) underline"
              href={`/graph?${serializeGraphView({ ...windowView, scope: 'all', cluster: line.cluster, chips: [chipOf('either', 'policy', policyName(line))] })}`}
            >
              Show its edges in the graph
            </Link>
          )}
          <CopyButton text={policyName(line)} label="Copy name" />
        </p>
      </section>
      {triggers.length > 0 && (
        <section>
          <h3 className="mb-1 font-semibold">Policies that brought the tier into play</h3>
          <ul className="list-inside list-disc">
            {triggers.map((ref) => (
              <li key={`${ref.kind}/${ref.namespace}/${ref.name}`}>
                {policyTitle(ref)} <span className="text-(--text-muted)">{kindWord(ref.kind)}</span>
              </li>
            ))}
          </ul>
        </section>
      )}
      <PolicyOverTime detail={detail} />
      <PolicyEdges detail={detail} windowView={windowView} />
      <PolicyRules detail={detail} atMs={atMs} />
      {workloads.length > 0 && (
        <section>
          <h3 className="mb-1 font-semibold">Selects</h3>
          <p className="text-[12px] text-(--text-muted)">Computed by Postern from the inventory, told by no source.</p>
          <p className="break-words">
            {workloads.join(', ')}
            {(line.selects?.workloads ?? 0) > workloads.length &&
              ` and ${formatCount((line.selects?.workloads ?? 0) - workloads.length)} more`}
          </p>
        </section>
      )}
      {line.object && <Text detail={detail} atMs={atMs} />}
    </>
  )
}

function Text({ detail: { line, versions }, atMs }: { detail: PolicyDetail; atMs: number }) {
  return (
    <section className="space-y-1">
      <h3 className="font-semibold">Text</h3>
      <PolicyDefinitionText
        policy={line}
        of={{ cluster: line.cluster, atMs: line.object?.removedMs ? line.object.removedMs - 1 : atMs }}
      />
      <ul aria-label="Versions" className="text-[12px] text-(--text-muted)">
        {versions.map(({ fromMs, toMs }) => (
          <li key={fromMs}>
            {toMs === undefined
              ? `In force since ${formatMoment(fromMs)}.`
              : `In force from ${formatMoment(fromMs)} until ${formatMoment(toMs)}.`}
          </li>
        ))}
      </ul>
    </section>
  )
}

function factsOf({ line }: PolicyDetail): [string, string][] {
  const { counts, firstMs, object, selects } = line
  const isHit = line.use === 'hit'
  return [
    ...(isHit ? whatItDid(line) : []),
    ...(wouldWords(line) ? [['If enforced now', wouldWords(line)] satisfies [string, string]] : []),
    ...(isHit && counts.passed > 0
      ? [['Handed on', `${formatCount(counts.passed)} connections to the next tier`] satisfies [string, string]]
      : []),
    [isHit ? 'Last hit' : 'Hit', hitWords(line)],
    ...(firstMs !== undefined ? [['First hit in this window', formatMoment(firstMs)] satisfies [string, string]] : []),
    ...(selects
      ? [
          [
            'Selects',
            `${counted(selects.workloads, 'workload', 'workloads')}${selects.undecided > 0 ? `; of ${formatCount(selects.undecided)} it is not known` : ''}`,
          ] satisfies [string, string],
        ]
      : []),
    ...(object
      ? objectFacts(object)
      : [['Inventory', 'does not have it, or none is connected'] satisfies [string, string]]),
  ]
}

function whatItDid({ counts, isAtMost, kind }: PolicyLine): [string, string][] {
  const { allowed, denied, deniedByDefault } = counts
  if (isStaged({ kind }) && allowed + denied + deniedByDefault === 0) return []
  const said = (count: number) => `${countWords(count, isAtMost)} ${count === 1 ? 'connection' : 'connections'}`
  return [
    ['Allowed', said(allowed)],
    ['Denied', denied > 0 || deniedByDefault === 0 ? said(denied) : 'by no rule of its own'],
    ...(deniedByDefault > 0
      ? [
          [
            'Denied by default',
            `${said(deniedByDefault)}: ${kind === 'EndOfTier' ? 'no rule of the tier matched' : 'it selects the workload, and no rule of its tier matched'}`,
          ] satisfies [string, string],
        ]
      : []),
  ]
}

function objectFacts({
  existsNow,
  createdMs,
  changedMs,
  order,
}: NonNullable<PolicyLine['object']>): [string, string][] {
  return [
    ['Exists now', existsNow ? 'yes' : 'no'],
    ...(createdMs !== undefined ? [['Created', formatMoment(createdMs)] satisfies [string, string]] : []),
    ...(changedMs !== undefined ? [['Changed', formatMoment(changedMs)] satisfies [string, string]] : []),
    ...(order !== undefined ? [['Order', String(order)] satisfies [string, string]] : []),
  ]
}
