'use client'
import { useDeferredValue, useMemo, useState } from 'react'
import { type Found, findInGraph } from '@/lib/filter/find-in-graph'
import type { ServiceGraph } from '@/lib/model/graph'
import type { GraphView } from '@/lib/view/graph-view'

export interface Find {
  /** As it is being written; the view has it once it is entered. */
  readonly text: string
  /** Undefined where nothing is searched for, or what is written cannot be read. */
  readonly found: Found | undefined
  write(text: string): void
}

/** What is found in the drawn graph while a person still writes. A link that changes is what is searched for from then on. */
export function useFind(graph: ServiceGraph | undefined, view: GraphView): Find {
  const [text, write] = useState(view.find)
  const [entered, setEntered] = useState(view.find)
  if (entered !== view.find) {
    setEntered(view.find)
    write(view.find)
  }
  const quiet = useDeferredValue(text)
  const isTable = view.layout === 'table'
  const found = useMemo(() => graph && findInGraph(graph, quiet, isTable), [graph, quiet, isTable])
  return { text, found, write }
}
