'use client'
import dynamic from 'next/dynamic'
import { useCallback, useEffect, useRef, useState } from 'react'
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
  const takeTyped = useTyped(open === 'palette')
  return (
    <>
      {open === 'palette' && <Palette takeTyped={takeTyped} onClose={close} onHelp={() => setOpen('help')} />}
      {open === 'help' && <ShortcutHelp onClose={close} />}
    </>
  )
}

/** What is typed after the palette was asked for and before it is there; taking it ends the listening. */
function useTyped(isOpen: boolean): () => string {
  const typed = useRef('')
  const isTaken = useRef(false)
  useEffect(() => {
    if (!isOpen) return
    typed.current = ''
    isTaken.current = false
    const onKey = (event: KeyboardEvent) => {
      if (isTaken.current || event.ctrlKey || event.metaKey || event.altKey || event.key.length !== 1) return
      event.preventDefault()
      event.stopPropagation()
      typed.current += event.key
    }
    window.addEventListener('keydown', onKey, { capture: true })
    return () => window.removeEventListener('keydown', onKey, { capture: true })
  }, [isOpen])
  return useCallback(() => {
    isTaken.current = true
    return typed.current
  }, [])
}
