import 'server-only'
import { type FindingFilter, loadFindings } from '@/lib/store/load-findings'

const FINDINGS_SHOWN = 500

/** Findings of a dataset, open and worst first, bounded, with how many there are in all. Errors: `unavailable`. */
export const listFindings = (filter: FindingFilter): ReturnType<typeof loadFindings> =>
  loadFindings(filter, FINDINGS_SHOWN)
