import 'server-only'
import { exportEgressConfig } from '@/lib/egress/export-config'
import { AppError } from '@/lib/errors'
import type { EgressDiff } from '@/lib/model/egress-entry'
import type { EgressPreview } from '@/lib/model/egress-preview'
import { LIMITS } from '@/lib/model/limits'
import { loadEgressEntries } from '@/lib/store/egress-entries'
import { applyEgressChange } from './edit-egress'
import { egressConfig, sentence } from './egress-config'
import { entriesOf } from './egress-rows'
import { demandPlan, planEgressChange } from './plan-egress-change'
import { previewEgress } from './preview-egress'

/** The answer to a document: what it changed, or, of a dry run, what it would. */
export interface DocumentAnswer {
  readonly document: string
  readonly dryRun: boolean
  readonly diff: readonly EgressDiff[]
  readonly warnings: readonly string[]
  /** Of the configuration in force. */
  readonly version: string
  readonly preview?: EgressPreview
}

interface Request {
  readonly name: string
  readonly text: string
  readonly isDryRun: boolean
  readonly actor: string
  /** What the preview of a dry run looks at; '' = live. */
  readonly dataset: string
  readonly nowMs: number
}

const NAME = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/

/**
 * Puts a whole document in force in place of what it held before, or nothing of it: other entries stay. The same text again changes
 * nothing, and makes no new version. A dry run writes nothing. Errors: `bad_request` with every problem, its path and line;
 * `conflict` where a name is another's, or where an entry that goes is needed by one that stays.
 */
export async function putEgressDocument(request: Request): Promise<DocumentAnswer> {
  const { name, text, isDryRun, actor, dataset, nowMs } = request
  checkName(name)
  if (text.length > LIMITS.egressDocumentChars)
    throw new AppError('bad_request', `a document has at most ${LIMITS.egressDocumentChars} characters`)
  const change = { what: 'document', name, text } as const
  if (!isDryRun) {
    const { diff, warnings } = await applyEgressChange(change, actor)
    return { document: name, dryRun: false, diff, warnings, version: egressConfig().version }
  }
  const plan = demandPlan(planEgressChange(await loadEgressEntries(), change, actor, nowMs))
  const { preview } = await previewEgress(change, dataset, nowMs)
  return {
    document: name,
    dryRun: true,
    diff: plan.diff,
    warnings: plan.warnings.map(sentence),
    version: egressConfig().version,
    ...(preview && { preview }),
  }
}

/** Entries as the YAML of a config file: of one document, or, without its name, all of them. Expired rules too. */
export async function exportEgress(document?: string): Promise<string> {
  if (document !== undefined) checkName(document)
  const rows = await loadEgressEntries()
  return exportEgressConfig(entriesOf(rows.filter((row) => document === undefined || row.document === document)))
}

function checkName(name: string): void {
  if (!NAME.test(name))
    throw new AppError('bad_request', 'source: a name of at most 63 letters, digits, dots, dashes and underscores')
}
