/** One key of the keyboard, what it does, and where. */
export interface Shortcut {
  readonly id: string
  /** `KeyboardEvent.key`, in lower case. */
  readonly key: string
  /** With Ctrl, or Cmd on a Mac: works while writing too, and cannot be switched off. */
  readonly isChord?: boolean
  /** With Shift, where the same key without it is another. */
  readonly isShifted?: boolean
  /** As it is written in the help. */
  readonly shown: string
  readonly does: string
  readonly where: 'everywhere' | 'graph' | 'replay'
}

/**
 * Every shortcut there is: the handlers (`useShortcuts`) and the help read this one table. Single keys are off while somebody writes,
 * and can be switched off (WCAG 2.1.4). `[` and `]` are the drawing's own, while it has the focus (components/graph/graph-twin.tsx).
 */
export const SHORTCUTS = [
  { id: 'palette', key: 'k', isChord: true, shown: 'Ctrl K', does: 'Search and commands', where: 'everywhere' },
  { id: 'help', key: '?', shown: '?', does: 'These shortcuts', where: 'everywhere' },
  { id: 'graph', key: 'g', shown: 'g', does: 'Show the graph drawn', where: 'graph' },
  { id: 'table', key: 't', shown: 't', does: 'Graph or table', where: 'graph' },
  { id: 'search', key: '/', shown: '/', does: 'Write a filter', where: 'graph' },
  { id: 'find', key: 'f', shown: 'f', does: 'Find: mark what matches', where: 'graph' },
  { id: 'hide', key: 'h', shown: 'h', does: 'Hide what matches', where: 'graph' },
  { id: 'next-match', key: 'n', shown: 'n', does: 'Next match of what is found', where: 'graph' },
  { id: 'previous-match', key: 'n', isShifted: true, shown: 'N', does: 'Previous match', where: 'graph' },
  { id: 'problems', key: 'p', shown: 'p', does: 'Only what needs a person', where: 'graph' },
  { id: 'step-in', key: '.', shown: '.', does: 'Step into the selected node', where: 'graph' },
  { id: 'step-out', key: ',', shown: ',', does: 'Step out', where: 'graph' },
  { id: 'previous-edge', key: '[', shown: '[', does: 'In the drawing: previous edge of the node', where: 'graph' },
  { id: 'next-edge', key: ']', shown: ']', does: 'In the drawing: next edge of the node', where: 'graph' },
  { id: 'close', key: 'escape', shown: 'Esc', does: 'Close the panel', where: 'graph' },
  { id: 'legend', key: 'l', shown: 'l', does: 'To the legend', where: 'graph' },
  { id: 'share', key: 's', shown: 's', does: 'Share this view', where: 'graph' },
  { id: 'pause', key: ' ', shown: 'Space', does: 'Pause or go on', where: 'graph' },
  { id: 'earlier', key: 'arrowleft', shown: '←', does: 'One frame earlier', where: 'replay' },
  { id: 'later', key: 'arrowright', shown: '→', does: 'One frame later', where: 'replay' },
] as const satisfies readonly Shortcut[]

export type ShortcutId = (typeof SHORTCUTS)[number]['id']

/** What of a key press decides. */
export interface KeyPress {
  readonly key: string
  readonly ctrlKey: boolean
  readonly metaKey: boolean
  readonly altKey: boolean
}

/**
 * The shortcut that a key press is; undefined where it is none. `isWriting`: the focus is where text is written; `isPressing`: it is on
 * what Space and arrows act upon themselves.
 */
export function shortcutOf(
  press: KeyPress,
  focus: { readonly isWriting: boolean; readonly isPressing: boolean },
  isOff: boolean,
): ShortcutId | undefined {
  const key = press.key.toLowerCase()
  const isChord = press.ctrlKey || press.metaKey
  if (press.altKey) return undefined
  const isShifted = press.key !== key && /^[a-z]$/.test(key)
  const of = SHORTCUTS.filter((one) => one.key === key && ('isChord' in one && one.isChord) === isChord)
  const found = of.find((one) => ('isShifted' in one && one.isShifted) === isShifted) ?? (isShifted ? of[0] : undefined)
  if (!found || isChord) return found?.id
  const isTaken = focus.isWriting || (focus.isPressing && OF_CONTROLS.includes(key))
  return isOff || isTaken ? undefined : found.id
}

/** What buttons, links, tabs and canvases act upon themselves. */
const OF_CONTROLS: readonly string[] = [' ', 'arrowleft', 'arrowright']
