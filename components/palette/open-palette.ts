/** Told on `window` by whatever opens the palette; its host listens. */
export const OPEN_PALETTE = 'postern-palette'

/** Opens the palette of the page. */
export const openPalette = (): boolean => window.dispatchEvent(new Event(OPEN_PALETTE))
