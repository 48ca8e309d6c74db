import type { MatrixView } from '@/lib/view/matrix-view'

const TABS = [
  { id: 'matrix', name: 'Matrix' },
  { id: 'doors', name: 'Doors' },
] as const

/** Which of the page's two tellings is shown. Buttons that say so, in the order of the page. */
export function EgressTabs({ tab, onChoose }: { tab: MatrixView['tab']; onChoose: (tab: MatrixView['tab']) => void }) {
  return (
    <fieldset className="flex gap-1 border-b border-(--border)">
      <legend className="sr-only">Shown as</legend>
      {TABS.map(({ id, name }) => (
        <button
          key={id}
          type="button"
          aria-pressed={tab === id}
          className={`-mb-px border-b-2 px-3 py-1.5 ${tab === id ? 'border-(--accent) font-medium' : 'border-transparent text-(--text-muted) hover:text-(--text)'}`}
          onClick={() => onChoose(id)}
        >
          {name}
        </button>
      ))}
    </fieldset>
  )
}
