'use client'
import { X } from 'lucide-react'
import { Dialog } from 'radix-ui'
import type { ReactNode } from 'react'
import { Button } from './button'

interface Props {
  readonly title: string
  readonly description: string
  /** What the button says that closes it. */
  readonly closeLabel?: string
  onClose(): void
  /** Puts the focus where it belongs once the sheet is gone. */
  onGone(): void
  readonly children: ReactNode
}

/** A sheet over the right side of the page: takes the focus and keeps it, and Esc closes it. */
export function SideSheet({
  title,
  description,
  closeLabel = 'Close without saving',
  onClose,
  onGone,
  children,
}: Props) {
  return (
    <Dialog.Root open onOpenChange={(isOpen) => !isOpen && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-black/40" />
        <Dialog.Content
          className="fixed inset-y-0 right-0 z-50 flex w-full max-w-[680px] flex-col border-l border-(--border) bg-(--surface) shadow-lg outline-none"
          // A click beside it would throw away what was written.
          onPointerDownOutside={(event) => event.preventDefault()}
          onCloseAutoFocus={(event) => {
            event.preventDefault()
            onGone()
          }}
        >
          <div className="flex items-start gap-3 border-b border-(--border) px-4 py-3">
            <div className="min-w-0 flex-1">
              <Dialog.Title className="text-[15px] font-semibold">{title}</Dialog.Title>
              <Dialog.Description className="text-(--text-muted) wrap-anywhere">{description}</Dialog.Description>
            </div>
            <Dialog.Close asChild>
              <Button size="icon" variant="ghost" aria-label={closeLabel}>
                <X aria-hidden size={16} />
              </Button>
            </Dialog.Close>
          </div>
          {children}
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
