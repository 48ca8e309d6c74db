'use client'
import { Popover as Radix } from 'radix-ui'
import type { ComponentProps } from 'react'
import { cn } from './cn'

export const Popover = Radix.Root
export const PopoverTrigger = Radix.Trigger
export const PopoverClose = Radix.Close

/** What floats: above everything, inside the window, closed by Esc. */
export function PopoverContent({ className, ...props }: ComponentProps<typeof Radix.Content>) {
  return (
    <Radix.Portal>
      <Radix.Content
        sideOffset={6}
        collisionPadding={8}
        align="end"
        className={cn('z-50 rounded-md border border-(--border) bg-(--surface) p-3 shadow-lg outline-none', className)}
        {...props}
      />
    </Radix.Portal>
  )
}
