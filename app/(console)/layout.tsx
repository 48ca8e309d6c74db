import type { ReactNode } from 'react'
import { Rail } from '@/components/frame/rail'
import { PaletteHost } from '@/components/palette/palette-host'
import { QueryProvider } from '@/components/providers/query-provider'

/** The frame of every signed-in page: rail, and the page itself, which brings its own bar. */
export default function ConsoleLayout({ children }: { children: ReactNode }) {
  return (
    <QueryProvider>
      <a
        href="#page"
        className="absolute -top-20 left-2 z-50 rounded-md border border-(--accent) bg-(--surface) px-3 py-1.5 focus:top-2"
      >
        Skip to the page
      </a>
      <div className="flex h-dvh flex-col lg:flex-row">
        <Rail />
        <div
          id="page"
          tabIndex={-1}
          className="relative flex min-h-0 min-w-0 flex-1 flex-col outline-none max-lg:overflow-y-auto"
        >
          {children}
        </div>
      </div>
      <PaletteHost />
    </QueryProvider>
  )
}
