const KEY = 'postern.timeline'
/** Sent to the window when the choice changed in this page. */
export const SHOWN_CHANGED = 'postern:timeline'

/** Whether this browser shows the strip: on unless a person folded it. */
export function readShown(): boolean {
  try {
    return localStorage.getItem(KEY) !== 'folded'
  } catch {
    return true
  }
}

/** Remembers the choice; where the browser keeps nothing, it holds for no page. */
export function writeShown(isShown: boolean): void {
  try {
    localStorage.setItem(KEY, isShown ? 'shown' : 'folded')
  } catch {
    // A browser that keeps nothing shows the strip.
  }
  window.dispatchEvent(new Event(SHOWN_CHANGED))
}
