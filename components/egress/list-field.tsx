'use client'
import { type Control, Controller, type FieldPath, type FieldValues } from 'react-hook-form'
import { FormField } from '@/components/ui/form-field'
import { fieldsOfPairs, pairsOf, TokenList } from './token-list'

interface Props<Values extends FieldValues, Output> {
  readonly control: Control<Values, unknown, Output>
  readonly name: FieldPath<Values>
  readonly label: string
  readonly hint?: string
  readonly noun: string
  readonly suggestions?: readonly { readonly value: string; readonly label?: string }[]
  readonly placeholder?: string
  /** The value is a map, written as `key=value`. */
  readonly isMap?: boolean
}

/** A field of a form that holds a list of texts, or a map of them. */
export function ListField<Values extends FieldValues, Output>(props: Props<Values, Output>) {
  const { control, name, label, hint, isMap = false, ...list } = props
  return (
    <Controller
      control={control}
      name={name}
      render={({ field, fieldState }) => (
        <FormField label={label} {...(hint && { hint })} error={fieldState.error}>
          {(described) => (
            <TokenList
              {...list}
              control={described}
              inputRef={field.ref}
              values={isMap ? pairsOf(field.value) : itemsOf(field.value).map(labelOf)}
              onChange={(values) =>
                field.onChange(isMap ? fieldsOfPairs(values) : values.map((value) => itemOf(field.value, value)))
              }
              onBlur={field.onBlur}
            />
          )}
        </FormField>
      )}
    />
  )
}

/** Items may be objects, as sources of a rule are: they are shown by their parts, and stay as they are until they go. */
const itemsOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

const labelOf = (item: unknown): string =>
  typeof item === 'object' && item !== null ? Object.values(item).join(' · ') : String(item)

const itemOf = (before: unknown, label: string): unknown =>
  itemsOf(before).find((item) => labelOf(item) === label) ?? label
