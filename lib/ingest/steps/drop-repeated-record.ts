import type { Step } from '../draft'

/** The same record twice in one body counts once. */
export const dropRepeatedRecord: Step = ({ flow, scope }) => {
  if (scope.seenKeys.has(flow.recordKey)) return 'repeated_record'
  scope.seenKeys.add(flow.recordKey)
  return undefined
}
