'use client'
import { Activity, Maximize, Minus, Pause, Plus, Undo2, Wand2 } from 'lucide-react'
import { Button } from '@/components/ui/button'
import type { Traffic } from './use-traffic'

interface Props {
  readonly traffic: Traffic
  readonly canUndo: boolean
  onTidy(): void
  onUndo(): void
  onFit(): void
  onZoom(direction: 1 | -1): void
}

/** What a person does with the drawing; nothing of it happens by itself. */
export function DrawingTools({ traffic, canUndo, onTidy, onUndo, onFit, onZoom }: Props) {
  return (
    <div className="absolute top-2 right-2 flex items-center gap-1" role="toolbar" aria-label="Drawing">
      <Button
        size="small"
        aria-pressed={traffic.isOn}
        aria-keyshortcuts="Space"
        disabled={traffic.refusal !== undefined}
        title={traffic.refusal ?? 'Key: space'}
        onClick={traffic.toggle}
      >
        {traffic.isOn ? <Pause aria-hidden size={14} /> : <Activity aria-hidden size={14} />}
        {traffic.isOn ? 'Pause traffic' : 'Show traffic'}
      </Button>
      <Button size="small" title="Lay the whole graph out anew" onClick={onTidy}>
        <Wand2 aria-hidden size={14} /> Tidy
      </Button>
      {canUndo && (
        <Button size="small" onClick={onUndo}>
          <Undo2 aria-hidden size={14} /> Undo
        </Button>
      )}
      <Button size="icon" aria-label="Fit the graph into the window" onClick={onFit}>
        <Maximize aria-hidden size={14} />
      </Button>
      <Button size="icon" aria-label="Zoom out" onClick={() => onZoom(-1)}>
        <Minus aria-hidden size={14} />
      </Button>
      <Button size="icon" aria-label="Zoom in" onClick={() => onZoom(1)}>
        <Plus aria-hidden size={14} />
      </Button>
    </div>
  )
}
