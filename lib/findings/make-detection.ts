import type { Detection } from './facts'
import { sentence } from './finding-words'

const MAX_FACTS = 8
const LOWER = { critical: 'high', high: 'medium', medium: 'low', low: 'low', info: 'info' } as const

/** A detection whose sentences are bounded and have no hidden characters. */
export const detection = (made: Detection): Detection => ({
  ...made,
  title: sentence(made.title),
  facts: made.facts.slice(0, MAX_FACTS).map(sentence),
  disproof: sentence(made.disproof),
})

/** One step less bad. */
export const lower = (severity: Detection['severity']): Detection['severity'] => LOWER[severity]
