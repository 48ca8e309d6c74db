import type { AiFacts } from '@/lib/model/graph'
import { shownText } from '@/lib/model/shown-text'
import { counted, formatCount } from './format'

/** What traces say of the model calls on an edge; a refusal of the caller's address is the workload's word, and said so. */
export function aiSentence(ai: AiFacts): string {
  const models = ai.models.length > 0 ? ` of ${shownText(ai.models.join(', '))}` : ''
  const tokens = `${counted(ai.inputTokens, 'token', 'tokens')} in, ${formatCount(ai.outputTokens)} out`
  const refused =
    ai.addressRefused > 0
      ? ` The workload reports ${counted(ai.addressRefused, 'refusal', 'refusals')} of its address by the provider.`
      : ''
  return `${counted(ai.calls, 'model call', 'model calls')}${models}: ${tokens}, ${formatCount(ai.errors)} failed.${refused}`
}
