'use client'
import { zodResolver } from '@hookform/resolvers/zod'
import { useForm } from 'react-hook-form'
import { CONTROL, FormField } from '@/components/ui/form-field'
import type { EgressKnown } from '@/lib/model/egress-known'
import { POINT_KINDS, type PointEntry, type PointInput, pointEntrySchema } from '@/lib/model/egress-schema'
import { POINT_KIND_WORDS } from '@/lib/view/egress-words'
import { type EntryFormProps, EntryFrame, showIssues } from './entry-form'
import { ListField } from './list-field'
import { plain } from './token-list'

/** An egress point: what it is, its addresses, what stands behind it. */
export function PointForm({ initial, isNew, onPreview, known }: EntryFormProps<PointInput> & { known?: EgressKnown }) {
  const form = useForm<PointInput, unknown, PointEntry>({
    resolver: zodResolver(pointEntrySchema),
    defaultValues: initial,
  })
  const { control, register, formState, setError } = form
  const { errors } = formState
  const submit = form.handleSubmit(async ({ gateway, ...entry }) => {
    const { namespace, ...labels } = gateway ?? {}
    const cleaned = { ...entry, gateway: { ...labels, ...(namespace && { namespace }) } }
    showIssues(await onPreview(cleaned), (field, error, options) => setError(field as 'name', error, options))
  })
  return (
    <EntryFrame onSubmit={(event) => void submit(event)} isBusy={formState.isSubmitting} errors={errors}>
      <FormField label="Name" hint="As rules name it." error={errors.name}>
        {(described) => <input {...register('name')} {...described} readOnly={!isNew} className={CONTROL} />}
      </FormField>
      <FormField label="What it is" error={errors.kind}>
        {(described) => (
          <select {...register('kind')} {...described} className={CONTROL}>
            {POINT_KINDS.map((kind) => (
              <option key={kind} value={kind}>
                {POINT_KIND_WORDS[kind]}
              </option>
            ))}
          </select>
        )}
      </FormField>
      <ListField
        control={control}
        name="publicCidrs"
        label="Public addresses"
        noun="public address"
        placeholder="203.0.113.10 or 203.0.113.8/29"
        hint="What a provider sees: what its allow-list must hold."
      />
      <ListField
        control={control}
        name="privateCidrs"
        label="Private addresses"
        noun="private address"
        placeholder="10.0.0.220"
        hint="What logs of this hop may show instead. With exactly one public address they stand for it; with several they prove nothing."
      />
      <ListField
        control={control}
        name="clusters"
        label="Clusters"
        noun="cluster"
        suggestions={plain(known?.clusters)}
        hint="That leave by it. None: all of them."
      />
      <fieldset className="grid gap-4 rounded-md border border-(--border) p-3">
        <legend className="px-1 font-medium">What stands behind it</legend>
        <FormField label="Namespace of the gateway’s pods" error={errors.gateway?.namespace}>
          {(described) => (
            <input
              {...register('gateway.namespace', { setValueAs: (text: string | undefined) => text || undefined })}
              {...described}
              className={CONTROL}
            />
          )}
        </FormField>
        <ListField
          control={control}
          name="gateway.podLabels"
          label="Labels of the gateway’s pods"
          noun="pod label"
          placeholder="app=egress-gateway"
          isMap
        />
        <ListField
          control={control}
          name="gateway.nodeSelector"
          label="Labels of the gateway’s nodes"
          noun="node label"
          placeholder="pool=egress"
          isMap
        />
      </fieldset>
    </EntryFrame>
  )
}
