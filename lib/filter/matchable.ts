import type { EndField, EndFlag, LinkFlag, LinkNumber, LinkText } from './fields'

/** One end of a connection, as expressions ask about it: a node of the graph, or a peer of a flow record. */
export interface MatchableEnd {
  /** Every value that the field has; a term holds if it holds for one of them. [] = it has none, or nobody knows. */
  texts(field: EndField): readonly string[]
  is(flag: EndFlag): boolean
}

/**
 * Whatever an expression or a chip can be asked about: an edge of the graph, a row of a flow table. What a row does not know it
 * answers with [] or false: then no comparison with it holds, and a negated one does.
 */
export interface Matchable {
  readonly source: MatchableEnd
  readonly destination: MatchableEnd
  texts(field: LinkText): readonly string[]
  /** Several where it stands for several; sizes in bytes. */
  numbers(field: LinkNumber): readonly number[]
  is(flag: LinkFlag): boolean
}
