import { hash } from 'node:crypto'
import type { InventoryKey, InventoryKind, InventoryObject } from '@/lib/model/inventory'
import type { KindApi, WatchedKind } from '@/lib/sources/kubernetes/kinds'
import { readObject } from '@/lib/sources/kubernetes/read-object'
import type { InventoryQueue } from './inventory-queue'
import type { KindSink } from './watch-kind'

interface Known {
  readonly key: InventoryKey
  /** Of uid and content: what the database has, or is about to have. */
  readonly digest: string
}

/** Objects that are kept as versions. In memory stand their names and digests, never the objects. */
export class ObjectSink implements KindSink {
  private known = new Map<string, Known>()
  private listed: Map<string, Known> | undefined
  private contactMs: number | undefined

  constructor(
    private readonly kind: WatchedKind,
    private readonly queue: InventoryQueue,
    private readonly now: () => number,
  ) {}

  listStarts(): void {
    this.listed = new Map()
  }

  async put(raw: unknown, api: KindApi): Promise<void> {
    const object = readObject(this.kind, api, raw)
    if (object === 'foreign') return
    if (!object) return this.reject('bad_value')
    const text = keyText(object)
    const body = JSON.stringify(object.body ?? null)
    const known = { key: keyOf(object), digest: hash('sha256', `${object.uid}\n${body}`, 'base64') }
    this.listed?.set(text, known)
    if (this.known.get(text)?.digest === known.digest) return
    this.known.set(text, known)
    await this.queue.push({ what: 'object', object, atMs: this.now() }, 500 + body.length)
  }

  async remove(raw: unknown, api: KindApi): Promise<void> {
    const object = readObject(this.kind, api, raw)
    if (object === 'foreign') return
    if (!object) return this.reject('bad_value')
    this.known.delete(keyText(object))
    await this.queue.push({ what: 'object-gone', key: keyOf(object), atMs: this.now() })
  }

  async listEnds(isAfterGap: boolean): Promise<void> {
    const atMs = this.now()
    this.known = this.listed ?? new Map()
    this.listed = undefined
    if (isAfterGap && this.contactMs !== undefined)
      this.queue.gap({
        source: 'kubernetes',
        node: this.kind.kind,
        reason: 'watch expired',
        atMs: this.contactMs,
        endMs: atMs,
      })
    const keys = [...this.known.values()].map(({ key }) => key)
    await this.queue.push({ what: 'objects-listed', kind: kindOf(this.kind), keys, atMs }, 100 * keys.length)
    this.contact()
  }

  contact(): void {
    this.contactMs = this.now()
    this.queue.contact(this.kind.kind, this.contactMs)
  }

  reject(reason: 'line_too_long' | 'not_json' | 'bad_value'): void {
    this.queue.reject(reason)
  }
}

const kindOf = ({ kind }: WatchedKind): InventoryKind => kind
const keyOf = ({ kind, namespace, tier, name }: InventoryObject): InventoryKey => ({ kind, namespace, tier, name })
const keyText = ({ namespace, tier, name }: InventoryKey): string => `${namespace}\n${tier}\n${name}`
