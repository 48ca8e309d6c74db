'use client'
import { Search } from 'lucide-react'
import { Button } from '@/components/ui/button'
import { openPalette } from './open-palette'

/** Opens the palette without a keyboard. */
export function PaletteButton() {
  return (
    <Button
      size="icon"
      variant="ghost"
      aria-label="Search and commands"
      aria-keyshortcuts="Control+K Meta+K"
      title="Search and commands (Ctrl K)"
      onClick={openPalette}
    >
      <Search aria-hidden size={16} />
    </Button>
  )
}
