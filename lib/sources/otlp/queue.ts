import type { SpanKind, SpanQueue } from '@/lib/model/span'
import { textOf } from './attributes'
import type { WireAttributes } from './wire'

const SYSTEMS = ['messaging.system']
const DESTINATIONS = ['messaging.destination.name', 'messaging.destination', 'messaging.destination.template']
const OPERATIONS = ['messaging.operation.type', 'messaging.operation', 'messaging.operation.name']
const IS_TEMPORARY = ['messaging.destination.temporary', 'messaging.destination.anonymous']
const MAX_NAME_CHARS = 200

/** Keys that this file reads. */
export const QUEUE_KEYS: readonly string[] = [...SYSTEMS, ...DESTINATIONS, ...OPERATIONS, ...IS_TEMPORARY]

/**
 * The queue or topic of a messaging span (formats: OTLP §2.4, new names then old); undefined where the span names none, or
 * one made for a single reply, which would be a new node each time.
 */
export function queueOf(attributes: WireAttributes, kind: SpanKind): SpanQueue | undefined {
  const system = textOf(attributes, SYSTEMS, 32)?.toLowerCase()
  const destination = textOf(attributes, DESTINATIONS, MAX_NAME_CHARS)
  if (!system || !destination || IS_TEMPORARY.some((key) => attributes.get(key) === true)) return undefined
  const does = workOf(textOf(attributes, OPERATIONS, 32)?.toLowerCase(), kind)
  // A queue's address may be a URL (SQS): its last part is the name. What else may hold a credential is no name.
  const name = destination.includes('://') ? (destination.split(/[?#]/, 1)[0]?.split('/').at(-1) ?? '') : destination
  return does && name && !/[@?=]/.test(name) ? { name: `${system}/${name}`, does } : undefined
}

function workOf(operation: string | undefined, kind: SpanKind): SpanQueue['does'] | undefined {
  if (operation === 'receive' || operation === 'settle' || operation === 'poll') return 'receive'
  if (kind === 'consumer') return 'process'
  if (kind === 'producer') return 'send'
  if (kind !== 'client') return undefined
  return operation === 'send' || operation === 'publish' || operation === 'create' ? 'send' : undefined
}
