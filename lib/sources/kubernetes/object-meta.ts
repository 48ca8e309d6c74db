import { isRecord } from '@/lib/sources/framing/unwrap'

/** Metadata of an object, as far as it is used. */
export interface ObjectMeta {
  readonly name: string
  readonly namespace: string
  readonly uid: string
  readonly resourceVersion: string
  readonly generation?: number
  readonly generateName?: string
  readonly createdMs?: number
  readonly deletedMs?: number
  readonly labels: Readonly<Record<string, string>>
  /** Only those of the allow-list. */
  readonly annotations: Readonly<Record<string, string>>
  /** The owner that controls it. */
  readonly controller?: OwnerRef
}

export interface OwnerRef {
  readonly kind: string
  readonly name: string
  readonly uid: string
}

/** Annotations can hold anything, secrets included; these say by which egress gateway pods leave. */
const KEPT_ANNOTATION = /^(egress\.projectcalico\.org|cni\.projectcalico\.org\/(ipv[46]pools|egressGatewayPolicy$))/
const FORBIDDEN_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])
const MAX_LABELS = 128
const MAX_VALUE_CHARS = 1024

/** Reads an object's metadata. undefined where it has no name, uid or version: then it is no object of an API server. */
export function readMeta(object: unknown): ObjectMeta | undefined {
  const meta = isRecord(object) && isRecord(object.metadata) ? object.metadata : undefined
  if (!meta) return undefined
  const [name, uid, resourceVersion] = [textOf(meta.name), textOf(meta.uid), textOf(meta.resourceVersion)]
  if (name === '' || uid === '' || resourceVersion === '') return undefined
  const [createdMs, deletedMs] = [timeOf(meta.creationTimestamp), timeOf(meta.deletionTimestamp)]
  const controller = controllerOf(meta.ownerReferences)
  const generateName = textOf(meta.generateName)
  return {
    name,
    namespace: textOf(meta.namespace),
    uid,
    resourceVersion,
    labels: stringMap(meta.labels),
    annotations: stringMap(meta.annotations, (key) => KEPT_ANNOTATION.test(key)),
    ...(typeof meta.generation === 'number' && { generation: meta.generation }),
    ...(generateName && { generateName }),
    ...(createdMs !== undefined && { createdMs }),
    ...(deletedMs !== undefined && { deletedMs }),
    ...(controller && { controller }),
  }
}

function controllerOf(references: unknown): OwnerRef | undefined {
  const owner = Array.isArray(references)
    ? references
        .slice(0, MAX_LABELS)
        .find((one): one is Record<string, unknown> => isRecord(one) && one.controller === true)
    : undefined
  return owner && { kind: textOf(owner.kind), name: textOf(owner.name), uid: textOf(owner.uid) }
}

/** What Postgres cannot store: NUL and halves of characters. No name of Kubernetes has them. */
const UNSTORABLE = /\0|\p{Cs}/u

/** Text of at most 1024 characters that can be stored; '' for anything else. */
export const textOf = (value: unknown): string =>
  typeof value === 'string' && value.length <= MAX_VALUE_CHARS && !UNSTORABLE.test(value) ? value : ''

/** A time of Kubernetes (RFC 3339) in Unix milliseconds. */
export function timeOf(value: unknown): number | undefined {
  const atMs = typeof value === 'string' && value.length <= 40 ? Date.parse(value) : Number.NaN
  return Number.isFinite(atMs) ? atMs : undefined
}

/** Entries of text, at most 128 of them, in the order of their keys. */
function stringMap(value: unknown, keeps: (key: string) => boolean = () => true): Record<string, string> {
  if (!isRecord(value)) return {}
  const pairs: [string, string][] = []
  for (const [key, item] of Object.entries(value)) {
    if (typeof item !== 'string' || item.length > MAX_VALUE_CHARS || key.length > MAX_VALUE_CHARS) continue
    if (FORBIDDEN_KEYS.has(key) || !keeps(key)) continue
    pairs.push([key, item])
    if (pairs.length === MAX_LABELS) break
  }
  return Object.fromEntries(pairs.sort(([a], [b]) => (a < b ? -1 : 1)))
}
