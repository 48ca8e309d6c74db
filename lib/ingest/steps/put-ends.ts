import type { Step } from '../draft'

/** Both peers with clean names and, where it is known, their owner: so that both observers name one endpoint. */
export const putEnds: Step = (draft) => {
  draft.client = draft.scope.peerOf(draft.flow.client)
  draft.server = draft.scope.peerOf(draft.flow.server)
  return undefined
}
