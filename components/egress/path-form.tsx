'use client'
import { zodResolver } from '@hookform/resolvers/zod'
import { useForm, useWatch } from 'react-hook-form'
import { CONTROL, FormField } from '@/components/ui/form-field'
import type { EgressKnown } from '@/lib/model/egress-known'
import { type PathEntry, type PathInput, pathEntrySchema } from '@/lib/model/egress-schema'
import { type EntryFormProps, EntryFrame, showIssues } from './entry-form'
import { ListField } from './list-field'
import { plain } from './token-list'

/** A path: the hops that translate, in order, and which of them is the last before the internet. */
export function PathForm({ initial, isNew, onPreview, known }: EntryFormProps<PathInput> & { known?: EgressKnown }) {
  const form = useForm<PathInput, unknown, PathEntry>({
    resolver: zodResolver(pathEntrySchema),
    defaultValues: initial,
  })
  const { control, register, formState, setError } = form
  const { errors } = formState
  const hops = useWatch({ control, name: 'hops' })
  const submit = form.handleSubmit(async (entry) => {
    showIssues(await onPreview(entry), (field, error, options) => setError(field as 'name', error, options))
  })
  return (
    <EntryFrame onSubmit={(event) => void submit(event)} isBusy={formState.isSubmitting} errors={errors}>
      <FormField label="Name" error={errors.name}>
        {(described) => <input {...register('name')} {...described} readOnly={!isNew} className={CONTROL} />}
      </FormField>
      <ListField
        control={control}
        name="hops"
        label="Hops, in the order in which they translate"
        noun="hop"
        suggestions={plain(known?.hops)}
        hint="By the names that ?hop= of their NAT records carries. A node whose flows Hubble sends is a hop by its own name, or hubble."
      />
      <FormField
        label="The last one before the internet"
        hint="Only you know: what you say here is what makes a record of it a proof."
        error={errors.final}
      >
        {(described) => (
          <select {...register('final')} {...described} className={CONTROL}>
            <option value="">choose one of the hops</option>
            {[...new Set([...hops, initial.final].filter(Boolean))].map((hop) => (
              <option key={hop} value={hop}>
                {hop}
              </option>
            ))}
          </select>
        )}
      </FormField>
      <ListField
        control={control}
        name="clusters"
        label="Clusters"
        noun="cluster"
        suggestions={plain(known?.clusters)}
        hint="None: all of them."
      />
      <ListField
        control={control}
        name="map"
        label="Private to public addresses of the last hop"
        noun="mapped address"
        placeholder="10.0.0.220=203.0.113.10"
        hint="For NATs whose logs show private addresses only."
        isMap
      />
      <ListField
        control={control}
        name="principals"
        label="Who calls providers as which workload"
        noun="caller"
        placeholder="arn:aws:sts::1:assumed-role/agent/*=ml/agent"
        hint="For audit logs of providers, on a path of exactly one cluster."
        isMap
      />
      <ListField
        control={control}
        name="nodeSelector"
        label="Labels of the nodes that it is about"
        noun="node label"
        placeholder="pool=prod"
        hint="Kept and shown."
        isMap
      />
    </EntryFrame>
  )
}
