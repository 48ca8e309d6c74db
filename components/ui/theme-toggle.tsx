'use client'
import { useEffect } from 'react'

const KEY = 'postern-theme'

/** Dark or light; remembered by the browser, else as the system says. */
export function ThemeToggle() {
  useEffect(() => {
    const stored = localStorage.getItem(KEY)
    if (stored === 'dark' || stored === 'light') document.documentElement.dataset.theme = stored
  }, [])
  const toggle = () => {
    const root = document.documentElement
    const isDark = root.dataset.theme
      ? root.dataset.theme === 'dark'
      : matchMedia('(prefers-color-scheme: dark)').matches
    root.dataset.theme = isDark ? 'light' : 'dark'
    localStorage.setItem(KEY, root.dataset.theme)
  }
  return (
    <button
      type="button"
      aria-label="Switch between dark and light"
      className="rounded-md border border-(--border) px-2 py-1"
      onClick={toggle}
    >
      ◐
    </button>
  )
}
