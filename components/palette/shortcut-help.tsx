'use client'
import { X } from 'lucide-react'
import { Dialog } from 'radix-ui'
import { Button } from '@/components/ui/button'
import { SHORTCUTS, type Shortcut } from './shortcuts'
import { setShortcutsOff, useShortcutsOff } from './use-shortcuts'

const PLACES: readonly (readonly [Shortcut['where'], string])[] = [
  ['everywhere', 'On every page'],
  ['graph', 'On the graph page'],
  ['replay', 'In a replay'],
]

/** Every shortcut, and the switch that turns single keys off. */
export function ShortcutHelp({ onClose }: { onClose: () => void }) {
  const isOff = useShortcutsOff()
  return (
    <Dialog.Root open onOpenChange={(isOpen) => !isOpen && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-black/40" />
        <Dialog.Content
          aria-describedby={undefined}
          className="fixed top-[10vh] left-1/2 z-50 max-h-[80vh] w-[min(560px,calc(100vw-2rem))] -translate-x-1/2 overflow-y-auto rounded-md border border-(--border) bg-(--surface) p-4 shadow-lg outline-none"
        >
          <div className="mb-3 flex items-center justify-between gap-3">
            <Dialog.Title className="text-[15px] font-semibold">Keyboard shortcuts</Dialog.Title>
            <Dialog.Close asChild>
              <Button size="icon" variant="ghost" aria-label="Close">
                <X aria-hidden size={16} />
              </Button>
            </Dialog.Close>
          </div>
          {PLACES.map(([where, title]) => (
            <section key={where} className="mb-3">
              <h3 className="mb-1 font-semibold">{title}</h3>
              <dl className="grid grid-cols-[4.5rem_1fr] gap-x-3 gap-y-1 sm:grid-cols-[4.5rem_1fr_4.5rem_1fr]">
                {SHORTCUTS.filter((one) => one.where === where).map(({ id, shown, does }) => (
                  <div key={id} className="contents">
                    <dt>
                      <kbd className="rounded border border-(--border) bg-(--surface-2) px-1.5 font-mono text-[12px]">
                        {shown}
                      </kbd>
                    </dt>
                    <dd>{does}</dd>
                  </div>
                ))}
              </dl>
            </section>
          ))}
          <label className="flex items-start gap-2 border-t border-(--border) pt-3">
            <input
              type="checkbox"
              className="mt-0.5"
              checked={!isOff}
              onChange={(event) => setShortcutsOff(!event.target.checked)}
            />
            <span>
              Single keys are shortcuts
              <span className="block text-(--text-muted)">
                Remembered in this browser. Off, Ctrl K (Cmd K) still works, and so do keys of the drawing while it has
                the focus.
              </span>
            </span>
          </label>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
