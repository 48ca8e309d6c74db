'use client'
import { ChevronsLeft, ChevronsRight, X } from 'lucide-react'
import { type KeyboardEvent, useEffect, useRef, useState } from 'react'
import { Button } from '@/components/ui/button'
import { EdgePanel } from './edge-panel'
import { NodePanel } from './node-panel'
import { DrawnPanel } from './panel/drawn-panel'
import type { PanelContext } from './panel/panel-context'

/**
 * What is known of the selected edge or node, or of what several are drawn as. Takes the focus when it opens, gives it back when it
 * closes; Esc closes.
 */
export function SidePanel(context: PanelContext) {
  const { view, onSelect } = context
  const { selected } = view
  const [isWide, setIsWide] = useState(false)
  const panel = useRef<HTMLElement>(null)
  useEffect(() => {
    if (!selected) return
    const before = document.activeElement
    // Who walks through matches goes on walking.
    if (before?.closest('[data-keeps-focus]')) return
    panel.current?.focus({ preventScroll: true })
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true })
    }
  }, [selected])
  const [kind, id = ''] = selected.split(':')
  return (
    <aside
      ref={panel}
      tabIndex={-1}
      aria-label={kind === 'edge' ? 'Evidence of the edge' : 'Facts of the node'}
      // Names from outside are as long as they like, without a place to break; figures in tables keep theirs.
      className={`wrap-anywhere [&_table]:wrap-break-word fixed inset-y-0 right-0 z-40 w-full overflow-y-auto border-l border-(--border) bg-(--surface) p-4 outline-none! lg:static lg:flex-none ${isWide ? 'max-w-[720px] lg:w-[720px]' : 'max-w-[400px] lg:w-[400px]'}`}
      onKeyDown={(event: KeyboardEvent) => event.key === 'Escape' && onSelect('')}
    >
      <div className="float-right flex">
        <Button
          size="icon"
          variant="ghost"
          aria-label={isWide ? 'Narrow the panel' : 'Widen the panel'}
          onClick={() => setIsWide(!isWide)}
        >
          {isWide ? <ChevronsRight aria-hidden size={16} /> : <ChevronsLeft aria-hidden size={16} />}
        </Button>
        <Button size="icon" variant="ghost" aria-label="Close the panel" onClick={() => onSelect('')}>
          <X aria-hidden size={16} />
        </Button>
      </div>
      {/^[gp]/.test(id) ? (
        <DrawnPanel id={id} context={context} />
      ) : kind === 'edge' ? (
        <EdgePanel edgeId={id} context={context} />
      ) : (
        <NodePanel nodeId={id} context={context} />
      )}
    </aside>
  )
}
