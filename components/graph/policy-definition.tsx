'use client'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { fetchJson } from '@/components/providers/fetch-json'
import type { PolicyDefinition, PolicyMark } from '@/lib/model/inventory'
import type { PolicyAction, PolicyRef } from '@/lib/model/policy'
import { shownText } from '@/lib/model/shown-text'
import { formatMoment } from '@/lib/view/format'

/** Where the text of a policy is asked for: its cluster, a time, and what of it decided. */
export interface DefinitionOf {
  readonly cluster: string
  readonly atMs: number
  /** The rule that decided, by its 0-based index where the source told it; or what selects the pod, where none matched. */
  readonly mark?:
    | { readonly direction: 'ingress' | 'egress'; readonly action: PolicyAction; readonly ruleIndex?: number }
    | 'selector'
}

/** The YAML of a policy as it was then, loaded when it is opened, with the lines that decided. */
export function PolicyDefinitionText({ policy, of }: { policy: PolicyRef; of: DefinitionOf }) {
  const [isOpen, setIsOpen] = useState(false)
  return (
    <details onToggle={(event) => setIsOpen(event.currentTarget.open)}>
      <summary className="cursor-pointer text-(--text-muted)">YAML of {shownText(policy.name)} at that time</summary>
      {isOpen && <Loaded policy={policy} of={of} />}
    </details>
  )
}

function Loaded({ policy, of }: { policy: PolicyRef; of: DefinitionOf }) {
  const params = paramsOf(policy, of)
  const { data, error } = useQuery({
    queryKey: ['policy', params],
    queryFn: () => fetchJson<PolicyDefinition>(`/api/policies/definition?${params}`),
    retry: false,
  })
  if (error) return <p className="text-(--text-muted)">{error.message}</p>
  if (!data) return <p className="text-(--text-muted)">Loading …</p>
  return (
    <>
      <p className="text-(--text-muted)">
        {data.isExact
          ? `In force from ${data.validFromMs === undefined ? 'then' : formatMoment(data.validFromMs)}`
          : 'Known only from later on: it may have been another at that time'}
        {data.validToMs === undefined ? '.' : `, until ${formatMoment(data.validToMs)}.`} {markedText(data, of)}
      </p>
      {data.missing && <p>{data.missing}</p>}
      {data.yaml && <Yaml text={data.yaml} marks={data.marks ?? []} name={policy.name} />}
    </>
  )
}

const MARK_WORD: Readonly<Record<PolicyMark['what'], string>> = {
  rule: 'the rule that decided',
  'only-rule': 'the only rule in this direction; the source told no index',
  selector: 'what selects the pod; no rule matched',
}

function markedText({ marks = [], yaml }: PolicyDefinition, { mark }: DefinitionOf): string {
  const [first] = marks
  if (first)
    return `${first.fromLine === first.toLine ? `Line ${first.fromLine}` : `Lines ${first.fromLine}–${first.toLine}`}: ${MARK_WORD[first.what]}.`
  return yaml && mark && mark !== 'selector' ? 'Which of its rules decided is not told.' : ''
}

function Yaml({ text, marks, name }: { text: string; marks: readonly PolicyMark[]; name: string }) {
  const lines = text.replace(/\n$/, '').split('\n')
  return (
    <section
      // A region that scrolls must be reached by keyboard.
      // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
      tabIndex={0}
      aria-label={`YAML of ${shownText(name)}`}
      className="mt-1 max-h-96 overflow-auto rounded-md border border-(--border) bg-(--surface-2) py-1"
    >
      <pre className="w-max min-w-full text-[11px]">
        {lines.map((line, index) => {
          const isMarked = marks.some(({ fromLine, toLine }) => index + 1 >= fromLine && index + 1 <= toLine)
          return (
            // Lines have no other identity than their number.
            // biome-ignore lint/suspicious/noArrayIndexKey: see above
            <div key={index} className={isMarked ? MARKED : PLAIN} {...(isMarked && { 'data-marked': '' })}>
              {line || ' '}
            </div>
          )
        })}
      </pre>
    </section>
  )
}

const PLAIN = 'border-l-2 border-transparent px-2'
const MARKED = 'border-l-2 border-(--accent) bg-(--surface) px-2 font-semibold'

function paramsOf(policy: PolicyRef, { cluster, atMs, mark }: DefinitionOf): string {
  const marked =
    mark === 'selector'
      ? { mark }
      : mark && {
          mark: 'rule',
          direction: mark.direction,
          action: mark.action,
          ...(mark.ruleIndex !== undefined && { rule: String(mark.ruleIndex) }),
        }
  return new URLSearchParams({
    cluster,
    kind: policy.kind,
    namespace: policy.namespace,
    tier: policy.tier,
    name: policy.name,
    at: String(Math.floor(atMs)),
    ...marked,
  }).toString()
}
