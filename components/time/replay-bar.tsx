'use client'
import { Pause, Play, SkipBack, SkipForward } from 'lucide-react'
import { useEffect, useState } from 'react'
import { useShortcuts } from '@/components/palette/use-shortcuts'
import { Button } from '@/components/ui/button'
import type { Replay } from '@/lib/model/timeline'
import { formatCount } from '@/lib/view/format'
import { frameWords, stretchText } from '@/lib/view/time-words'

interface Props {
  readonly replay: Replay
  readonly frame: number
  onFrame(frame: number): void
  onStop(): void
}

/** Milliseconds per frame. */
const SPEEDS = { slow: 2000, medium: 1000, fast: 400 } as const
type Speed = keyof typeof SPEEDS

/**
 * Plays a window frame by frame: Space plays and pauses, the arrow keys step where nothing else has them. What a frame does not tell
 * is said beside it.
 */
export function ReplayBar({ replay, frame, onFrame, onStop }: Props) {
  const { frames, edges, window: range } = replay
  const [isPlaying, setIsPlaying] = useState(false)
  const [speed, setSpeed] = useState<Speed>('medium')
  const isLast = frame >= frames.count - 1
  useEffect(() => {
    if (!isPlaying || isLast) return
    const timer = setTimeout(() => onFrame(frame + 1), SPEEDS[speed])
    return () => clearTimeout(timer)
  }, [isPlaying, isLast, frame, speed, onFrame])
  const play = () => {
    if (isLast) onFrame(0)
    setIsPlaying(isLast || !isPlaying)
  }
  useShortcuts(
    {
      pause: play,
      later: () => onFrame(Math.min(frames.count - 1, frame + 1)),
      earlier: () => onFrame(Math.max(0, frame - 1)),
    },
    { isFirst: true },
  )
  const start = frames.fromMs + frame * frames.stepMs
  const shown = edges[frame]?.length ?? 0
  const words = `Frame ${frame + 1} of ${frames.count}, ${stretchText({ fromMs: start, toMs: start + frames.stepMs }, range.toMs)}`
  return (
    <fieldset className="flex shrink-0 flex-wrap items-center gap-x-3 gap-y-1 border-t border-(--border) bg-(--surface-2) px-4 py-1.5">
      <legend className="sr-only">Replay</legend>
      <div className="flex items-center gap-1">
        <Button size="icon" aria-label="One frame back" disabled={frame === 0} onClick={() => onFrame(frame - 1)}>
          <SkipBack aria-hidden size={14} />
        </Button>
        <Button aria-keyshortcuts="Space" title="Key: Space" onClick={play}>
          {isPlaying && !isLast ? <Pause aria-hidden size={14} /> : <Play aria-hidden size={14} />}
          {isPlaying && !isLast ? 'Pause' : 'Play'}
        </Button>
        <Button size="icon" aria-label="One frame on" disabled={isLast} onClick={() => onFrame(frame + 1)}>
          <SkipForward aria-hidden size={14} />
        </Button>
        <select
          aria-label="Speed"
          className="h-7 rounded-md border border-(--border) bg-(--bg) px-1"
          value={speed}
          onChange={(event) => setSpeed(speedOf(event.target.value))}
        >
          {Object.keys(SPEEDS).map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </div>
      <p>
        <strong>{words}</strong> · {formatCount(shown)} {shown === 1 ? 'edge' : 'edges'} with a record
      </p>
      {/* A player that talks every second would never be heard out. */}
      <p aria-live="polite" className="sr-only">
        {isPlaying && !isLast ? '' : words}
      </p>
      <p className="min-w-0 flex-1 basis-96 text-[12px] text-(--text-muted)">{notesOf(replay)}</p>
      <Button size="small" onClick={onStop}>
        End replay
      </Button>
    </fieldset>
  )
}

const speedOf = (text: string): Speed => (text === 'slow' || text === 'fast' ? text : 'medium')

function notesOf({ frames, hasLongRecords, tracedOnly }: Replay): string {
  return [
    `Verdicts and counts are those of each ${frameWords(frames)}; an edge without a record in it is not drawn.`,
    'Doors, AI facts and findings are those of the whole window.',
    ...(hasLongRecords ? ['Records of longer stretches stand where they began.'] : []),
    ...(tracedOnly > 0
      ? [
          `${tracedOnly} ${tracedOnly === 1 ? 'edge' : 'edges'} that traces alone tell of ${tracedOnly === 1 ? 'is' : 'are'} in no frame.`,
        ]
      : []),
  ].join(' ')
}
