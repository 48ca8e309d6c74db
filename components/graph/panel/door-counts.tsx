import { Part } from '@/components/ui/part'
import { DOOR_STATES, type DoorState } from '@/lib/model/egress'
import { DOOR_WORD } from '@/lib/view/door-sentence'
import { formatCount } from '@/lib/view/format'

interface Props {
  countOf(state: DoorState): number
  /** What is behind a count is wanted. */
  onShow(state: DoorState): void
}

/** Connections by how their door was judged; each count leads to what is behind it. */
export function DoorCounts({ countOf, onShow }: Props) {
  return (
    <Part title="Connections by door">
      <dl className="grid grid-cols-[1fr_auto] gap-x-4">
        {DOOR_STATES.filter((state) => countOf(state) > 0).map((state) => (
          <div key={state} className="contents">
            <dt className="text-(--text-muted)">{DOOR_WORD[state]}</dt>
            <dd className="text-right">
              <button
                type="button"
                className="text-(--accent) underline"
                aria-label={`${DOOR_WORD[state]}: ${formatCount(countOf(state))}. Show the rows behind it`}
                onClick={() => onShow(state)}
              >
                {formatCount(countOf(state))}
              </button>
            </dd>
          </div>
        ))}
      </dl>
    </Part>
  )
}
