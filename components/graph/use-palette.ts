'use client'
import { useMemo, useSyncExternalStore } from 'react'
import { type Palette, systemPalette, themePalette } from './palette'
import { useTheme } from './use-theme'

const FORCED = '(forced-colors: active)'

/** The colours to draw in: of the theme on screen, or the system's where it forces its own. */
export function usePalette(): Palette {
  const theme = useTheme()
  const isForced = useMedia(FORCED)
  return useMemo(() => (isForced ? systemPalette(resolved) : themePalette(theme)), [theme, isForced])
}

/** Whether the system asks for little motion. */
export const useReducedMotion = (): boolean => useMedia('(prefers-reduced-motion: reduce)')

function useMedia(media: string): boolean {
  return useSyncExternalStore(
    (onChange) => {
      const list = matchMedia(media)
      list.addEventListener('change', onChange)
      return () => list.removeEventListener('change', onChange)
    },
    () => matchMedia(media).matches,
    () => false,
  )
}

/** A system colour as the browser has it now. */
function resolved(systemColor: string): string {
  const probe = document.createElement('span')
  probe.style.color = systemColor
  document.body.append(probe)
  const { color } = getComputedStyle(probe)
  probe.remove()
  return color
}
