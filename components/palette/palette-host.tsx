'use client'
import dynamic from 'next/dynamic'
import { useEffect, useState } from 'react'
import { OPEN_PALETTE } from './open-palette'
import { useShortcuts } from './use-shortcuts'

// Nobody needs them before the first key press.
const Palette = dynamic(() => import('./palette').then((module) => module.Palette), { ssr: false })
const ShortcutHelp = dynamic(() => import('./shortcut-help').then((module) => module.ShortcutHelp), { ssr: false })

type Open = 'palette' | 'help' | undefined

/** The palette and the help of every page, loaded when they are first opened. */
export function PaletteHost() {
  const [open, setOpen] = useState<Open>()
  useShortcuts({
    palette: () => setOpen((now) => (now === 'palette' ? undefined : 'palette')),
    help: () => setOpen((now) => now ?? 'help'),
  })
  useEffect(() => {
    const onOpen = () => setOpen('palette')
    window.addEventListener(OPEN_PALETTE, onOpen)
    return () => window.removeEventListener(OPEN_PALETTE, onOpen)
  }, [])
  const close = () => setOpen(undefined)
  return (
    <>
      {open === 'palette' && <Palette onClose={close} onHelp={() => setOpen('help')} />}
      {open === 'help' && <ShortcutHelp onClose={close} />}
    </>
  )
}
