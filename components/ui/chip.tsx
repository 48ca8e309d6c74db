import type { ReactNode } from 'react'

/** A small outlined word beside a name. */
export function Chip({ children }: { children: ReactNode }) {
  return (
    <span className="max-w-full rounded border overflow-hidden border-(--border) px-1 text-[11px] text-ellipsis whitespace-nowrap text-(--text-muted)">
      {children}
    </span>
  )
}
