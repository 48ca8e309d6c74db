import { cn } from '@/components/ui/cn'
import { WAY_GROUPS, WAY_IDS, type WayId, wayOf } from '@/lib/connect/ways'

interface Props {
  readonly chosen: WayId | undefined
  onChoose(id: WayId): void
}

/** Every way by what it connects; one is chosen. */
export function WayList({ chosen, onChoose }: Props) {
  return (
    <nav
      aria-label="Ways to connect"
      className="grid content-start gap-4 sm:grid-cols-3 lg:sticky lg:top-4 lg:grid-cols-1 lg:self-start"
    >
      {WAY_GROUPS.map((group) => (
        <section key={group} aria-label={group}>
          <h2 className="mb-1 text-[12px] font-medium text-(--text-muted)">{group}</h2>
          <ul className="grid gap-px">
            {WAY_IDS.filter((id) => wayOf(id).group === group).map((id) => (
              <li key={id} className="grid">
                <button
                  type="button"
                  aria-current={id === chosen ? 'true' : undefined}
                  onClick={() => onChoose(id)}
                  className={cn(
                    'rounded-md border border-transparent px-2 py-1 text-left hover:bg-(--surface-2)',
                    id === chosen && 'border-(--accent) bg-(--surface) font-medium',
                  )}
                >
                  {wayOf(id).title}
                </button>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </nav>
  )
}
