import type { Step } from '../draft'

/** The same record twice in one body counts once. */
export const dropRepeatedRecord: Step = (draft, { seenKeys }) => {
  const key = `${draft.cluster}\n${draft.flow.recordKey}`
  if (seenKeys.has(key)) return 'repeated_record'
  seenKeys.add(key)
  return undefined
}
