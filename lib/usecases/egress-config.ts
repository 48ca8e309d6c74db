import 'server-only'
import {
  buildEgressConfig,
  configFromSanctionedEgress,
  mergeEgressEntries,
  parseEgressConfig,
} from '@/lib/egress/config'
import type { ConfigIssue } from '@/lib/egress/config-issue'
import { AppError } from '@/lib/errors'
import type { EgressConfig } from '@/lib/model/egress'
import { processGlobal } from '@/lib/process-global'

const EMPTY = buildEgressConfig({ points: [], paths: [], rules: [], deniedProviders: [] })
const holder = (): { config: EgressConfig } => processGlobal('egress-config', () => ({ config: EMPTY }))

/** The egress points, paths and rules in force; empty until `setEgressConfig`. */
export const egressConfig = (): EgressConfig => holder().config

/**
 * Puts the rules of a start in force: the text of the config file, POSTERN_SANCTIONED_EGRESS and POSTERN_FINAL_HOP. Answers the warnings.
 * Throws `bad_request` with every error, path and line, where one of them is wrong: a half-read rule must not judge.
 */
export function setEgressConfig(sources: {
  readonly fileText?: string
  readonly sanctionedEgress?: string
  readonly finalHop?: string
}): string[] {
  const file = parseEgressConfig(sources.fileText ?? '', { origin: 'file' })
  const short = configFromSanctionedEgress(
    sources.sanctionedEgress ?? '',
    sources.finalHop ? { finalHop: sources.finalHop } : {},
  )
  const issues = [...file.issues, ...short.issues]
  const errors = issues.filter((issue) => issue.severity === 'error')
  if (errors.length > 0 || !file.entries || !short.entries)
    throw new AppError('bad_request', `The egress configuration is wrong:\n${errors.map(sentence).join('\n')}`)
  holder().config = buildEgressConfig(mergeEgressEntries([file.entries, short.entries]))
  return issues.map(sentence)
}

const sentence = ({ path, line, message }: ConfigIssue): string =>
  `${[line === undefined ? '' : `line ${line}`, path].filter(Boolean).join(', ')}: ${message}`
