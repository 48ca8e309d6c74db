import type { FilterError, FilterNode, Span } from './ast'
import { type Parsed, parseFilter } from './parse'

/** Where an expression is asked: what can be known there. */
export interface AskedOf {
  /** Two windows are compared. */
  readonly isCompared: boolean
  /** Clusters in which nobody knows what is new; `ServiceGraph.newUnknownIn`. */
  readonly newUnknownIn?: readonly string[]
}

/**
 * An expression for a graph: `parseFilter`, and an error also where it asks how two windows differ though none are compared. As any
 * expression that cannot be read it then changes nothing: `not has change` would take all away.
 */
export function readFilter(text: string, { isCompared }: Pick<AskedOf, 'isCompared'>): Parsed {
  const parsed = parseFilter(text)
  if (!parsed.ast || isCompared) return parsed
  const asked = firstTerm(parsed.ast, asksOfChange)
  if (!asked) return parsed
  const message = 'nothing is compared: “change” is of two windows, choose Compare at the timeline'
  return { error: { ...spanOf(asked), message, needs: 'comparison' } }
}

/** Clusters by name in a notice. */
const NAMED = 3

/** What an expression that can be read does not find, because nobody knows it here; undefined where all is known. */
export function noticeOf(ast: FilterNode | undefined, { newUnknownIn = [] }: AskedOf): FilterError | undefined {
  const asked = ast && newUnknownIn.length > 0 ? firstTerm(ast, asksWhatIsNew) : undefined
  if (!asked) return undefined
  const names = newUnknownIn.slice(0, NAMED).map((name) => name || 'the cluster without a name')
  const more = newUnknownIn.length - names.length
  const where = more > 0 ? `${names.join(', ')} and ${more} more` : names.join(', ')
  return {
    ...spanOf(asked),
    message: `what is new in ${where} is not known: nothing is remembered from before this window`,
  }
}

type Term = Exclude<FilterNode, { readonly kind: 'and' | 'or' | 'not' }>

function firstTerm(node: FilterNode, isAsked: (term: Term) => boolean): Term | undefined {
  switch (node.kind) {
    case 'and':
    case 'or':
      for (const part of node.parts) {
        const found = firstTerm(part, isAsked)
        if (found) return found
      }
      return undefined
    case 'not':
      return firstTerm(node.part, isAsked)
    default:
      return isAsked(node) ? node : undefined
  }
}

const asksOfChange = (term: Term): boolean =>
  (term.kind === 'compare' || term.kind === 'has') && term.field === 'change'
const asksWhatIsNew = (term: Term): boolean => term.kind === 'is' && (term.flag === 'new' || term.flag === 'newcomer')
const spanOf = ({ span }: { readonly span: Span }): Span => ({ start: span.start, end: span.end })
