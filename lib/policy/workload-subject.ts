import type { PolicySubject } from './isolating-policies'
import { type KnownLabels, NO_LABELS_KNOWN } from './known-labels'

type Fields = Readonly<Record<string, unknown>>
const isRecord = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Entries of text of an object of the inventory. */
export const textEntries = (value: unknown): Record<string, string> =>
  Object.fromEntries(
    Object.entries(isRecord(value) ? value : {}).filter(
      (pair): pair is [string, string] => typeof pair[1] === 'string',
    ),
  )

/**
 * A workload as policies see it: by the bodies of its `Workload` and `Namespace` in the inventory where they are known, else by the labels
 * that flow records tell, which may not be all.
 */
export function workloadSubject(
  namespace: string,
  workload: Fields | undefined,
  namespaceBody: Fields | undefined,
  toldLabels: Readonly<Record<string, string>>,
): PolicySubject {
  const account = workload?.serviceAccount
  const labels: KnownLabels = workload
    ? { values: textEntries(workload.labels), isComplete: true }
    : { values: toldLabels, isComplete: false }
  const metadata = isRecord(namespaceBody?.metadata) ? namespaceBody.metadata : {}
  return {
    namespace,
    labels,
    namespaceLabels: namespaceBody ? { values: textEntries(metadata.labels), isComplete: true } : NO_LABELS_KNOWN,
    ...(typeof account === 'string' && account && { serviceAccount: account }),
  }
}
