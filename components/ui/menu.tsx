'use client'
import { DropdownMenu } from 'radix-ui'
import type { ComponentProps } from 'react'
import { cn } from './cn'

export const Menu = DropdownMenu.Root
export const MenuTrigger = DropdownMenu.Trigger

/** A menu that floats: arrow keys walk it, Enter takes an entry, Esc closes it and gives the focus back. */
export function MenuContent({ className, ...props }: ComponentProps<typeof DropdownMenu.Content>) {
  return (
    <DropdownMenu.Portal>
      <DropdownMenu.Content
        sideOffset={4}
        collisionPadding={8}
        align="start"
        className={cn(
          'z-50 max-h-[min(30rem,var(--radix-dropdown-menu-content-available-height))] min-w-44 max-w-96 overflow-y-auto rounded-md border border-(--border) bg-(--surface) p-1 shadow-lg',
          className,
        )}
        {...props}
      />
    </DropdownMenu.Portal>
  )
}

/** One entry of a menu. */
export function MenuItem({ className, ...props }: ComponentProps<typeof DropdownMenu.Item>) {
  return (
    <DropdownMenu.Item
      className={cn(
        'flex cursor-default items-center gap-2 rounded px-2 py-1 break-words outline-none data-[disabled]:opacity-50 data-[highlighted]:bg-(--surface-2)',
        className,
      )}
      {...props}
    />
  )
}

/** What the entries below it are about. */
export function MenuLabel({ className, ...props }: ComponentProps<typeof DropdownMenu.Label>) {
  return (
    <DropdownMenu.Label
      className={cn('truncate px-2 pt-1.5 pb-0.5 text-[12px] text-(--text-muted)', className)}
      {...props}
    />
  )
}

export function MenuSeparator({ className, ...props }: ComponentProps<typeof DropdownMenu.Separator>) {
  return <DropdownMenu.Separator className={cn('mx-1 my-1 h-px bg-(--border)', className)} {...props} />
}
