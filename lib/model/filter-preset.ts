import type { UnixMillis } from './units'

/** What an expression does to a graph: marks what matches, takes it away, or keeps it with its neighbours. */
export const FILTER_MODES = ['find', 'hide', 'focus'] as const
export type FilterMode = (typeof FILTER_MODES)[number]

/** An expression that somebody gave a name, for themselves: without window, chips or place. */
export interface OwnPreset {
  readonly id: string
  readonly name: string
  /** The mode that it was saved in: hops at the end mean something to focus alone. */
  readonly mode: FilterMode
  /** Text of the filter language (docs/filter.md), as it was written. */
  readonly expression: string
  readonly createdMs: UnixMillis
}

/** What a person has of them, by name. */
export interface OwnPresets {
  /** Whose they are, as the audit log names them. */
  readonly owner: string
  readonly presets: readonly OwnPreset[]
}
