import type { Finding } from '@/lib/model/finding'

/** What of the findings is shown. '' = all. */
export interface FindingFilter {
  readonly tab: 'findings' | 'accepted'
  readonly status: string
  readonly severity: string
  readonly detector: string
  readonly cluster: string
  /** Part of the workload's or the target's name. */
  readonly text: string
}

export const ALL_FINDINGS: FindingFilter = {
  tab: 'findings',
  status: '',
  severity: '',
  detector: '',
  cluster: '',
  text: '',
}

/** Findings that a filter leaves, in their order. */
export function filterFindings(findings: readonly Finding[], filter: FindingFilter): Finding[] {
  const text = filter.text.trim().toLowerCase()
  const is = (wanted: string, value: string) => wanted === '' || wanted === value
  return findings.filter(
    (finding) =>
      (finding.accepted !== undefined) === (filter.tab === 'accepted') &&
      is(filter.status, finding.status) &&
      is(filter.severity, finding.severity) &&
      is(filter.detector, finding.detector) &&
      is(filter.cluster, finding.cluster) &&
      `${finding.workload} ${finding.target}`.toLowerCase().includes(text),
  )
}
