import 'server-only'
import type { FindingEvent } from '@/lib/model/finding'
import type { Queryable } from './client'
import { enqueueNotifications } from './notification-outbox'

/**
 * What else must be committed together with what happened to findings, in the same transaction. A hook may only write, and must not fail
 * for what an event says: it would undo the change itself.
 */
export type FindingEventHook = (client: Queryable, events: readonly FindingEvent[]) => Promise<void>

/** All hooks, in order. */
export const FINDING_EVENT_HOOKS: readonly FindingEventHook[] = [
  (client, events) => enqueueNotifications(client, events),
]
