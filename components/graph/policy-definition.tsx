'use client'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { fetchJson } from '@/components/providers/fetch-json'
import type { PolicyDefinition } from '@/lib/model/inventory'
import type { PolicyRef } from '@/lib/model/policy'
import { formatMoment } from '@/lib/view/format'

/** Where the text of a policy is asked for: its cluster, a time, and the rule that decided, if one is told. */
export interface DefinitionOf {
  readonly cluster: string
  readonly atMs: number
  readonly direction?: 'ingress' | 'egress'
  readonly ruleIndex?: number
}

/** The YAML of a policy as it was then, loaded when it is opened. */
export function PolicyDefinitionText({ policy, of }: { policy: PolicyRef; of: DefinitionOf }) {
  const [isOpen, setIsOpen] = useState(false)
  return (
    <details onToggle={(event) => setIsOpen(event.currentTarget.open)}>
      <summary className="cursor-pointer text-(--text-muted)">Show YAML</summary>
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
        {data.validToMs === undefined ? '.' : `, until ${formatMoment(data.validToMs)}.`}
      </p>
      {data.missing && <p>{data.missing}</p>}
      {data.yaml && (
        <pre
          // A region that scrolls must be reached by keyboard.
          // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
          tabIndex={0}
          className="mt-1 overflow-x-auto rounded-md border border-(--border) bg-(--surface-2) p-2 text-[11px]"
        >
          {data.yaml}
        </pre>
      )}
    </>
  )
}

function paramsOf(policy: PolicyRef, { cluster, atMs, direction, ruleIndex }: DefinitionOf): string {
  return new URLSearchParams({
    cluster,
    kind: policy.kind,
    namespace: policy.namespace,
    tier: policy.tier,
    name: policy.name,
    at: String(Math.floor(atMs)),
    ...(direction && ruleIndex !== undefined && { direction, rule: String(ruleIndex) }),
  }).toString()
}
