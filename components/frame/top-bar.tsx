import type { ReactNode } from 'react'
import { PaletteButton } from '@/components/palette/palette-button'
import { ThemeToggle } from '@/components/ui/theme-toggle'

/** The bar of a page: its name, its controls, the theme. */
export function TopBar({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <header className="flex min-h-12 flex-none flex-wrap items-center gap-2 border-b border-(--border) bg-(--surface) px-4 py-1.5">
      {/* Beside a page's controls its name is enough where a line has little room. */}
      <span className={children ? 'hidden font-semibold min-[1200px]:inline' : 'font-semibold'}>Postern</span>
      <span aria-hidden className={children ? 'hidden text-(--text-muted) min-[1200px]:inline' : 'text-(--text-muted)'}>
        /
      </span>
      <h1 className="mr-2 font-medium">{title}</h1>
      {children}
      <div className={`flex ${children ? '' : 'ml-auto'}`}>
        <PaletteButton />
        <ThemeToggle />
      </div>
    </header>
  )
}
