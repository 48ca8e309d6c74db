'use client'
import { Tabs as Radix } from 'radix-ui'
import type { ComponentProps } from 'react'
import { cn } from './cn'

export const Tabs = Radix.Root

/** A row of tabs: one stop of Tab, arrows walk it; what does not fit is reached by scrolling. */
export function TabList({ className, ...props }: ComponentProps<typeof Radix.List>) {
  return (
    <Radix.List
      className={cn('flex gap-3 overflow-x-auto border-b border-(--border) text-[12px]', className)}
      {...props}
    />
  )
}

/** One tab: its word, underlined while it is the open one. */
export function Tab({ className, ...props }: ComponentProps<typeof Radix.Trigger>) {
  return (
    <Radix.Trigger
      className={cn(
        'border-b-2 border-transparent py-1.5 whitespace-nowrap text-(--text-muted) hover:text-(--text) focus-visible:-outline-offset-2 data-[state=active]:border-(--accent) data-[state=active]:font-medium data-[state=active]:text-(--text)',
        className,
      )}
      {...props}
    />
  )
}

/** What a tab opens; there only while it is open. */
export function TabPanel({ className, ...props }: ComponentProps<typeof Radix.Content>) {
  return <Radix.Content className={cn('pt-3 outline-none', className)} {...props} />
}
