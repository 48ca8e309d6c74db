'use client'
import { zodResolver } from '@hookform/resolvers/zod'
import { useId } from 'react'
import { useForm } from 'react-hook-form'
import { z } from 'zod'
import { CONTROL, FormField } from '@/components/ui/form-field'
import type { EgressKnown } from '@/lib/model/egress-known'
import { entryNameSchema } from '@/lib/model/egress-schema'
import { type EntryFormProps, EntryFrame, showIssues } from './entry-form'

const schema = z.object({ name: entryNameSchema })

/** A provider that must not be reached at all. */
export function DeniedForm({ initial, onPreview, known }: EntryFormProps<{ name: string }> & { known?: EgressKnown }) {
  const { register, handleSubmit, formState, setError } = useForm<{ name: string }>({
    resolver: zodResolver(schema),
    defaultValues: initial,
  })
  const list = useId()
  const submit = handleSubmit(async (entry) => {
    showIssues(await onPreview(entry), (field, error, options) => setError(field as 'name', error, options))
  })
  return (
    <EntryFrame onSubmit={(event) => void submit(event)} isBusy={formState.isSubmitting} errors={formState.errors}>
      <FormField
        label="Provider"
        hint="By its id in the catalogue. Traffic that reaches it is a finding; no policy of the cluster changes."
        error={formState.errors.name}
      >
        {(described) => (
          <input {...register('name')} {...described} list={list} autoComplete="off" className={CONTROL} />
        )}
      </FormField>
      <datalist id={list}>
        {(known?.providers ?? []).map(({ id, name }) => (
          <option key={id} value={id} label={name} />
        ))}
      </datalist>
    </EntryFrame>
  )
}
