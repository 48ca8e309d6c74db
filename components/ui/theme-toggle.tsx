'use client'
import { Moon, Sun } from 'lucide-react'
import { remember } from './browser-memory'
import { Button } from './button'

/** Switches the page and remembers it in the browser. */
export function toggleTheme(): void {
  const root = document.documentElement
  const isDark = root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches
  root.dataset.theme = isDark ? 'light' : 'dark'
  remember('postern-theme', root.dataset.theme)
}

/** Dark or light; remembered by the browser, else as the system says. The page's head applies it before the first paint. */
export function ThemeToggle() {
  return (
    <Button size="icon" variant="ghost" aria-label="Switch between dark and light" onClick={toggleTheme}>
      <Sun aria-hidden size={16} className="hidden dark:block" />
      <Moon aria-hidden size={16} className="dark:hidden" />
    </Button>
  )
}
