'use client'
import { X } from 'lucide-react'
import { type KeyboardEvent, useEffect, useRef } from 'react'
import { Button } from '@/components/ui/button'
import type { FilterChip } from '@/lib/model/filter-chip'
import type { ServiceGraph } from '@/lib/model/graph'
import { EdgePanel } from './edge-panel'
import { GroupPanel, isDrawnOnly } from './group-panel'
import { NodePanel } from './node-panel'

interface Props {
  readonly graph: ServiceGraph
  /** `edge:<id>` or `node:<id>`. */
  readonly selected: string
  /** Of the view: what evidence is asked with. */
  readonly params: string
  readonly windowWords: string
  onSelect(selected: string): void
  onStepInto?(nodeId: string): void
  /** A person filters by what the panel shows; absent where nothing can be filtered. */
  onFilter?(chip: FilterChip): void
}

/** What is known of the selected edge or node. Takes the focus when it opens, gives it back when it closes; Esc closes. */
export function SidePanel(props: Props) {
  const { selected, onSelect } = props
  const panel = useRef<HTMLElement>(null)
  useEffect(() => {
    if (!selected) return
    const before = document.activeElement
    // Who walks from match to match goes on writing.
    if (before instanceof HTMLElement && before.dataset.keepsFocus !== undefined) return
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
      className="fixed inset-y-0 right-0 z-40 w-full max-w-[400px] overflow-y-auto border-l border-(--border) bg-(--surface) p-4 outline-none! lg:static lg:w-[400px] lg:flex-none"
      onKeyDown={(event: KeyboardEvent) => event.key === 'Escape' && onSelect('')}
    >
      <Button
        size="icon"
        variant="ghost"
        aria-label="Close the panel"
        className="float-right"
        onClick={() => onSelect('')}
      >
        <X aria-hidden size={16} />
      </Button>
      {isDrawnOnly(selected) ? (
        <GroupPanel {...props} />
      ) : kind === 'edge' ? (
        <EdgePanel {...props} edgeId={id} />
      ) : (
        <NodePanel {...props} nodeId={id} />
      )}
    </aside>
  )
}
