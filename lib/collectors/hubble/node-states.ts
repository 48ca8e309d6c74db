import type { Gap } from '@/lib/model/flow'
import { MINUTE_MS, type UnixMillis } from '@/lib/model/units'
import { NODE_STATE } from '@/lib/sources/hubble/enums'
import { enumName, texts, type Wire } from '@/lib/sources/hubble/fields'

/** A node that stays away is told again so often, as a stretch. */
const TELL_EVERY_MS = 5 * MINUTE_MS
/** Nodes whose absence is tracked; of more than these each word is a gap of its own. */
const MAX_NODES = 5000

interface Absence {
  readonly state: string
  readonly toldMs: UnixMillis
}

/**
 * Turns Relay's words about its nodes into gaps: one when a node goes, stretches while it stays away, one up to its return. Each
 * new stream repeats the word about absent nodes; a repeat within 5 minutes adds nothing.
 */
export class NodeStates {
  private readonly away = new Map<string, Absence>()

  /** One NodeStatusEvent. */
  take(event: Wire, atMs: UnixMillis): Gap[] {
    const state = enumName(event, 'state_change', NODE_STATE) ?? 'UNKNOWN_NODE_STATE'
    return texts(event, 'node_names', MAX_NODES).flatMap((node) =>
      state === 'NODE_CONNECTED' ? this.returned(node, atMs) : this.left(node, state, atMs),
    )
  }

  /** A flow of a node proves that it is back. */
  spoke(node: string, atMs: UnixMillis): Gap[] {
    const absence = this.away.get(node)
    return absence && absence.toldMs < atMs ? this.returned(node, atMs) : []
  }

  /** ServerStatus names all nodes that are away: the others are back. */
  onlyAway(names: readonly string[], atMs: UnixMillis): Gap[] {
    const away = new Set(names)
    const back = [...this.away.keys()].filter((node) => !away.has(node))
    return [
      ...back.flatMap((node) => this.returned(node, atMs)),
      ...this.take({ state_change: 'NODE_UNAVAILABLE', node_names: names }, atMs),
    ]
  }

  private returned(node: string, atMs: UnixMillis): Gap[] {
    const absence = this.away.get(node)
    this.away.delete(node)
    // A node that failed a call is connected at once again: there is no stretch to tell.
    return absence && absence.toldMs < atMs
      ? [{ source: 'hubble', node, reason: absence.state, atMs: absence.toldMs, endMs: atMs }]
      : []
  }

  private left(node: string, state: string, atMs: UnixMillis): Gap[] {
    const absence = this.away.get(node)
    if (absence && absence.state === state && atMs - absence.toldMs < TELL_EVERY_MS) return []
    if (absence || this.away.size < MAX_NODES) this.away.set(node, { state, toldMs: atMs })
    return [
      absence && absence.toldMs < atMs
        ? { source: 'hubble', node, reason: absence.state, atMs: absence.toldMs, endMs: atMs }
        : { source: 'hubble', node, reason: state, atMs },
    ]
  }
}
