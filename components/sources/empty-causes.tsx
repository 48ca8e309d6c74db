import { Prose } from '@/components/ui/prose'
import type { EmptyCause } from '@/lib/view/why-empty'

/** Why nothing is shown, each cause with its remedy. */
export function EmptyCauses({ causes }: { causes: readonly EmptyCause[] }) {
  if (causes.length === 0) return null
  return (
    <ul className="grid gap-1" aria-label="Why nothing is shown">
      {causes.map(({ text, remedy }) => (
        <li key={text}>
          <strong className="font-medium">{text}</strong>{' '}
          {remedy && (
            <span className="text-(--text-muted)">
              <Prose text={remedy} />
            </span>
          )}
        </li>
      ))}
    </ul>
  )
}
