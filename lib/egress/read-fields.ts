/** Fields of an object of the inventory. */
export type Fields = Readonly<Record<string, unknown>>

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
export const fieldsOf = (value: unknown): Fields => (isFields(value) ? value : {})
export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
export const textsOf = (value: unknown): string[] =>
  listOf(value).filter((item): item is string => typeof item === 'string')

/** An object of the inventory that is in force. */
export interface InForceObject {
  readonly cluster: string
  readonly kind: string
  readonly namespace: string
  readonly name: string
  readonly body: Fields
}
