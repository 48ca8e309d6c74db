import { STATE_COLORS, type StateColor, type Theme } from '@/lib/view/state-colors'

/** Every colour of a drawing: a canvas reads no CSS variables. */
export interface Palette {
  readonly neutral: Readonly<Record<'page' | 'node' | 'box' | 'border' | 'text' | 'muted' | 'accent', string>>
  readonly states: Readonly<Record<StateColor, string>>
  /** The system chose the colours (`forced-colors`): they tell states apart no longer, so every sign and word is drawn. */
  readonly isForced: boolean
}

/** Neutral colours of app/globals.css. */
export const NEUTRALS: Readonly<Record<Theme, Palette['neutral']>> = {
  light: {
    page: '#f6f7f9',
    node: '#ffffff',
    box: '#ffffff',
    border: '#c6ccd5',
    text: '#14181f',
    muted: '#535c69',
    accent: '#1d5fd6',
  },
  dark: {
    page: '#0d1117',
    node: '#1f2630',
    box: '#161b22',
    border: '#3a4450',
    text: '#e7ebf0',
    muted: '#9aa4b1',
    accent: '#6ea3ff',
  },
}

export const themePalette = (theme: Theme): Palette => ({
  neutral: NEUTRALS[theme],
  states: STATE_COLORS[theme],
  isForced: false,
})

/** System colours of CSS that a drawing uses; `resolve` gives each as the browser has it. */
export function systemPalette(resolve: (systemColor: string) => string): Palette {
  const [page, text, muted, accent] = ['Canvas', 'CanvasText', 'GrayText', 'Highlight'].map(resolve)
  const canvas = page ?? '#ffffff'
  const ink = text ?? '#000000'
  return {
    neutral: {
      page: canvas,
      node: canvas,
      box: canvas,
      border: ink,
      text: ink,
      muted: ink,
      accent: accent ?? ink,
    },
    // What needs a person has the system's strongest colour, what nobody judged its faintest; the rest is text.
    states: {
      allowed: ink,
      default: ink,
      mixed: ink,
      would: ink,
      denied: accent ?? ink,
      violation: accent ?? ink,
      none: muted ?? ink,
    },
    isForced: true,
  }
}
