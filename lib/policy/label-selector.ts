import { every, type KnownLabels, labelOf, type Maybe, not } from './known-labels'

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const texts = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : []

/** More conditions than that in one selector are not looked at: then it is not known whether it holds. */
const MOST = 1000

/**
 * Whether a Kubernetes LabelSelector (`matchLabels`, `matchExpressions`) selects an object with these labels. An empty one
 * selects everything, an absent one nothing is known about here: callers decide. `keyOf` translates keys first (Cilium's source
 * prefixes); undefined for a key that no label of ours can have. An operator that we do not know is not known to hold.
 */
export function matchesLabelSelector(
  selector: unknown,
  labels: KnownLabels,
  keyOf: (key: string) => string | undefined = (key) => key,
): Maybe {
  if (!isRecord(selector)) return undefined
  const matchLabels = Object.entries(isRecord(selector.matchLabels) ? selector.matchLabels : {})
  const expressions = Array.isArray(selector.matchExpressions) ? selector.matchExpressions : []
  if (matchLabels.length + expressions.length > MOST) return undefined
  const read = (key: string) => {
    const own = keyOf(key)
    return own === undefined ? undefined : labelOf(labels, own)
  }
  return every([
    ...matchLabels.map(([key, wanted]) => isEqual(read(key), wanted)),
    ...expressions.map((expression) => (isRecord(expression) ? holds(expression, read) : undefined)),
  ])
}

const isEqual = (value: string | null | undefined, wanted: unknown): Maybe =>
  value === undefined ? undefined : value === wanted

function holds(expression: Readonly<Record<string, unknown>>, read: (key: string) => string | null | undefined): Maybe {
  const value = read(typeof expression.key === 'string' ? expression.key : '')
  const isIn = value === undefined ? undefined : value !== null && texts(expression.values).includes(value)
  const exists = value === undefined ? undefined : value !== null
  switch (expression.operator) {
    case 'In':
      return isIn
    case 'NotIn':
      return not(isIn)
    case 'Exists':
      return exists
    case 'DoesNotExist':
      return not(exists)
    default:
      return undefined
  }
}
