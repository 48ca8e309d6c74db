'use client'
import { X } from 'lucide-react'
import { Button } from '@/components/ui/button'
import { removeChip } from '@/lib/filter/edit-chips'
import { EDGE_STATE_WORD } from '@/lib/model/verdict'
import { chipWords } from '@/lib/view/chip-words'
import type { GraphView } from '@/lib/view/graph-view'

interface Props {
  readonly view: GraphView
  change(part: Partial<GraphView>): void
}

/** What of the view narrows the records, each part with a button that takes it away. */
export function ViewChips({ view, change }: Props) {
  const parts = partsOf(view)
  if (parts.length === 0) return null
  return (
    <ul aria-label="Filters of the view" className="flex flex-wrap gap-1">
      {parts.map(({ text, without }) => (
        <li key={text}>
          <Button size="small" aria-label={`Take away: ${text}`} onClick={() => change(without)}>
            <span className="max-w-96 truncate">{text}</span>
            <X aria-hidden size={12} />
          </Button>
        </li>
      ))}
    </ul>
  )
}

function partsOf(view: GraphView): { text: string; without: Partial<GraphView> }[] {
  const { inside } = view
  return [
    ...(view.selected
      ? [{ text: `selected ${view.selected.startsWith('edge') ? 'edge' : 'node'} only`, without: { selected: '' } }]
      : []),
    ...(view.cluster ? [{ text: `cluster ${view.cluster}`, without: { cluster: '' } }] : []),
    ...view.namespaces.map((namespace) => ({
      text: `namespace ${namespace}`,
      without: { namespaces: view.namespaces.filter((one) => one !== namespace) },
    })),
    ...(inside
      ? [
          {
            text: `inside ${[inside.cluster, inside.namespace, inside.workload].filter(Boolean).join(' / ')}`,
            without: { inside: undefined },
          },
        ]
      : []),
    ...view.states.map((state) => ({
      text: `edges: ${EDGE_STATE_WORD[state]}`,
      without: { states: view.states.filter((one) => one !== state) },
    })),
    ...(view.isOnlyProblems ? [{ text: 'only problems', without: { isOnlyProblems: false } }] : []),
    ...view.quiet.map((kind) => ({
      text: `without ${kind} noise`,
      without: { quiet: view.quiet.filter((one) => one !== kind) },
    })),
    ...view.chips.map((chip, at) => {
      const chips = removeChip(view.chips, at)
      return {
        text: `${chip.isDisabled ? '(off) ' : ''}${chipWords(chip, view.isBothWays)}`,
        without: { chips, ...(chips.length === 0 && { isBothWays: false }) },
      }
    }),
    ...(view.hide ? [{ text: `hide ${view.hide}`, without: { hide: '' } }] : []),
    ...(view.focus ? [{ text: `focus ${view.focus}`, without: { focus: '' } }] : []),
  ]
}
