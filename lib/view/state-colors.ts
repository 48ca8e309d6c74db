import type { EdgeState } from '@/lib/model/verdict'

export type Theme = 'light' | 'dark'
export type StateColor = 'allowed' | 'default' | 'denied' | 'mixed' | 'would' | 'none' | 'violation'

/** Measured colours of states, used for nothing else; app/globals.css repeats them as variables, and a test compares. */
export const STATE_COLORS: Readonly<Record<Theme, Readonly<Record<StateColor, string>>>> = {
  light: {
    allowed: '#173daf',
    default: '#0990d4',
    denied: '#ee5700',
    mixed: '#693f00',
    would: '#4a1a6e',
    none: '#7a8390',
    violation: '#a11749',
  },
  dark: {
    allowed: '#83a1fb',
    default: '#2083ac',
    denied: '#e95216',
    mixed: '#ffc64d',
    would: '#e4bff2',
    none: '#94989e',
    violation: '#fd0054',
  },
}

export interface StateLook {
  readonly color: StateColor
  /** Width of the line at the lowest volume, in px. */
  readonly width: number
  readonly line: 'solid' | 'dotted'
  readonly glyph: string
}

/** How each edge state is drawn: colour, line and glyph, so that colour is never the only cue. */
export const STATE_LOOK: Readonly<Record<EdgeState, StateLook>> = {
  allowed_by_policy: { color: 'allowed', width: 1.5, line: 'solid', glyph: '' },
  allowed_no_policy: { color: 'default', width: 1.5, line: 'solid', glyph: '◌' },
  denied_by_rule: { color: 'denied', width: 2.5, line: 'solid', glyph: '⊘' },
  denied_no_rule: { color: 'denied', width: 2.5, line: 'solid', glyph: '⊖' },
  mixed: { color: 'mixed', width: 2.5, line: 'solid', glyph: '◐' },
  would_be_denied: { color: 'would', width: 2, line: 'solid', glyph: '◇' },
  no_verdict: { color: 'none', width: 1.5, line: 'dotted', glyph: '?' },
}
