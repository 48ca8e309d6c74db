import { ALL_FLOWS, type FlowFilter } from '@/lib/model/flow-list'

/** What was denied alone. */
export const DENIES: FlowFilter = { ...ALL_FLOWS, outcomes: ['denied'] }
