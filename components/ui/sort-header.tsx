import type { ReactNode } from 'react'

const SORT_WORD = { asc: 'ascending', desc: 'descending' } as const
const SORT_SIGN = { asc: ' ↑', desc: ' ↓' } as const

interface Props {
  readonly sorted: 'asc' | 'desc' | undefined
  readonly isNumber: boolean
  readonly children: ReactNode
  onSort: ((event: unknown) => void) | undefined
}

/** The head of a column that a press sorts by; it says how the table is sorted. */
export function SortHeader({ sorted, isNumber, children, onSort }: Props) {
  return (
    <th
      scope="col"
      aria-sort={sorted ? SORT_WORD[sorted] : 'none'}
      className={`px-3 py-2 font-medium ${isNumber ? 'text-right' : ''}`}
    >
      <button type="button" className="whitespace-nowrap hover:text-(--text)" onClick={onSort}>
        {children}
        <span aria-hidden>{sorted ? SORT_SIGN[sorted] : ''}</span>
      </button>
    </th>
  )
}
