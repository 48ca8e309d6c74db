/** A condition that may not be decidable: `undefined` = not known. */
export type Maybe = boolean | undefined

/**
 * Labels as far as they are known. Where the list is not complete (flow records tell the labels that several pods have in
 * common), a label that is not listed is not known to be absent.
 */
export interface KnownLabels {
  readonly values: Readonly<Record<string, string>>
  readonly isComplete: boolean
}

export const NO_LABELS_KNOWN: KnownLabels = { values: {}, isComplete: false }

/** The value; null = the object has no such label; undefined = not known. */
export function labelOf({ values, isComplete }: KnownLabels, key: string): string | null | undefined {
  const value = Object.hasOwn(values, key) ? values[key] : undefined
  return value ?? (isComplete ? null : undefined)
}

export const not = (value: Maybe): Maybe => (value === undefined ? undefined : !value)

/** False as soon as one is, whatever is not known. */
export function every(values: Iterable<Maybe>): Maybe {
  let result: Maybe = true
  for (const value of values) {
    if (value === false) return false
    if (value === undefined) result = undefined
  }
  return result
}

/** True as soon as one is, whatever is not known. */
export function some(values: Iterable<Maybe>): Maybe {
  let result: Maybe = false
  for (const value of values) {
    if (value === true) return true
    if (value === undefined) result = undefined
  }
  return result
}
