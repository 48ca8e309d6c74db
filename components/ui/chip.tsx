import type { ReactNode } from 'react'

/** A small outlined word beside a name. */
export function Chip({ children }: { children: ReactNode }) {
  return (
    <span className="rounded border border-(--border) px-1 text-[11px] whitespace-nowrap text-(--text-muted)">
      {children}
    </span>
  )
}
