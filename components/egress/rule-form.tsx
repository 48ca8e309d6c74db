'use client'
import { zodResolver } from '@hookform/resolvers/zod'
import { Controller, useForm } from 'react-hook-form'
import { messageOf } from '@/components/ui/field-message'
import { CONTROL, FieldProblem, FormField } from '@/components/ui/form-field'
import type { EgressKnown } from '@/lib/model/egress-known'
import { type RuleEntry, type RuleInput, ruleEntrySchema } from '@/lib/model/egress-schema'
import { PROOF_WORD, PROOFS } from '@/lib/view/egress-words'
import { type EntryFormProps, EntryFrame, showIssues } from './entry-form'
import { ListField } from './list-field'
import { plain } from './token-list'

interface Props extends EntryFormProps<RuleInput> {
  readonly known?: EgressKnown
  /** Names of the egress points that there are. */
  readonly points: readonly string[]
}

/** A rule: these workloads, to these providers, must leave by these ways out. */
export function RuleForm({ initial, isNew, onPreview, known, points }: Props) {
  const form = useForm<RuleInput, unknown, RuleEntry>({
    resolver: zodResolver(ruleEntrySchema),
    defaultValues: initial,
  })
  const { control, register, formState, setError } = form
  const { errors } = formState
  const submit = form.handleSubmit(async (entry) => {
    showIssues(await onPreview(entry), (field, error, options) => setError(field as 'name', error, options))
  })
  const providers = [
    { value: '*', label: 'every provider' },
    ...(known?.categories ?? []).map((category) => ({ value: `category:${category}` })),
    ...(known?.providers ?? []).map(({ id, name }) => ({ value: id, label: name })),
  ]
  return (
    <EntryFrame onSubmit={(event) => void submit(event)} isBusy={formState.isSubmitting} errors={errors}>
      <FormField label="Name" error={errors.name}>
        {(described) => <input {...register('name')} {...described} readOnly={!isNew} className={CONTROL} />}
      </FormField>
      <fieldset className="grid gap-4 rounded-md border border-(--border) p-3">
        <legend className="px-1 font-medium">These workloads</legend>
        <label className="flex items-center gap-2">
          <input type="checkbox" {...register('workloads.aiOnly')} />
          AI workloads only: by their image or labels, or because they call a provider
        </label>
        <ListField
          control={control}
          name="workloads.namespaces"
          label="Namespaces"
          noun="namespace"
          suggestions={plain(known?.namespaces)}
          hint="None: all of them. Of several fields all must hold."
        />
        <ListField
          control={control}
          name="workloads.names"
          label="Workloads"
          noun="workload"
          suggestions={plain(known?.workloads)}
        />
        <ListField
          control={control}
          name="workloads.serviceAccounts"
          label="Service accounts"
          noun="service account"
          suggestions={plain(known?.serviceAccounts)}
        />
        <ListField
          control={control}
          name="workloads.podLabels"
          label="Pod labels"
          noun="pod label"
          placeholder="app=agent"
          suggestions={plain(known?.podLabels)}
          isMap
        />
        <ListField
          control={control}
          name="workloads.namespaceLabels"
          label="Namespace labels"
          noun="namespace label"
          placeholder="env=prod"
          suggestions={plain(known?.namespaceLabels)}
          hint="Known from Cilium only; elsewhere the rule does not apply."
          isMap
        />
        <ListField
          control={control}
          name="clusters"
          label="Clusters"
          noun="cluster"
          suggestions={plain(known?.clusters)}
          hint="None: all of them."
        />
      </fieldset>
      <fieldset className="grid gap-4 rounded-md border border-(--border) p-3">
        <legend className="px-1 font-medium">To these providers</legend>
        <ListField
          control={control}
          name="providers"
          label="Providers"
          noun="provider"
          placeholder="search by name; * for every provider"
          suggestions={providers}
        />
        <ListField
          control={control}
          name="hosts"
          label="Hosts"
          noun="host"
          placeholder="team.openai.azure.com or *.openai.azure.com"
          hint="A host of no provider is added on the Providers page first."
        />
      </fieldset>
      <fieldset className="grid gap-4 rounded-md border border-(--border) p-3">
        <legend className="px-1 font-medium">Must leave by</legend>
        <Points control={control} points={points} error={errors.egressPoints} />
        <ListField
          control={control}
          name="sanctionedSources"
          label="Or by these addresses"
          noun="address"
          placeholder="203.0.113.10"
          hint="For what has no egress point of its own."
        />
      </fieldset>
      <div className="grid gap-4 sm:grid-cols-3">
        <FormField label="Priority" hint="Higher wins; then the narrower rule." error={errors.priority}>
          {(described) => (
            <input
              type="number"
              min={0}
              {...register('priority', {
                setValueAs: (text: string | number | undefined) =>
                  text === '' || text === undefined ? undefined : Number(text),
              })}
              {...described}
              className={CONTROL}
            />
          )}
        </FormField>
        <FormField label="Proof" hint="The least that may decide." error={errors.requireEvidence}>
          {(described) => (
            <select {...register('requireEvidence')} {...described} className={CONTROL}>
              {PROOFS.map((least) => (
                <option key={least} value={least}>
                  {PROOF_WORD[least]}
                </option>
              ))}
            </select>
          )}
        </FormField>
        <FormField label="Mode" hint="Observed only: judged, and said so." error={errors.mode}>
          {(described) => (
            <select {...register('mode')} {...described} className={CONTROL}>
              <option value="enforce">in force</option>
              <option value="observe">observed only</option>
            </select>
          )}
        </FormField>
      </div>
      <div className="grid gap-4 sm:grid-cols-3">
        <div className="sm:col-span-2">
          <FormField label="Reason" hint="Why it is there, for who reads it next." error={errors.reason}>
            {(described) => (
              <input
                {...register('reason', { setValueAs: (text: string | undefined) => text || undefined })}
                {...described}
                className={CONTROL}
              />
            )}
          </FormField>
        </div>
        <Controller
          control={control}
          name="expiresAt"
          render={({ field, fieldState }) => (
            <FormField label="Expires (UTC)" hint="Empty: never." error={fieldState.error}>
              {(described) => (
                <input
                  type="datetime-local"
                  {...described}
                  ref={field.ref}
                  value={(field.value ?? '').slice(0, 16)}
                  onBlur={field.onBlur}
                  onChange={({ currentTarget }) =>
                    field.onChange(currentTarget.value ? `${currentTarget.value}:00Z` : undefined)
                  }
                  className={CONTROL}
                />
              )}
            </FormField>
          )}
        />
      </div>
    </EntryFrame>
  )
}

interface PointsProps {
  readonly control: ReturnType<typeof useForm<RuleInput, unknown, RuleEntry>>['control']
  readonly points: readonly string[]
  readonly error: unknown
}

function Points({ control, points, error }: PointsProps) {
  const message = messageOf(error)
  return (
    <Controller
      control={control}
      name="egressPoints"
      render={({ field }) => {
        const chosen = field.value ?? []
        // One that is gone can be unticked.
        const all = [...new Set([...points, ...chosen])]
        return (
          <fieldset className="grid gap-1">
            <legend className="mb-1 font-medium">Egress points</legend>
            {all.length === 0 && <p className="text-(--text-muted)">There is none yet.</p>}
            {all.map((point, at) => (
              <label key={point} className="flex items-center gap-2">
                <input
                  type="checkbox"
                  ref={at === 0 ? field.ref : undefined}
                  checked={chosen.includes(point)}
                  onChange={({ currentTarget }) =>
                    field.onChange(currentTarget.checked ? [...chosen, point] : chosen.filter((one) => one !== point))
                  }
                />
                {point}
              </label>
            ))}
            {message && <FieldProblem message={message} />}
          </fieldset>
        )
      }}
    />
  )
}
