'use client'
import { zodResolver } from '@hookform/resolvers/zod'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useFieldArray, useForm } from 'react-hook-form'
import type { z } from 'zod'
import { fetchJson, jsonBody } from '@/components/providers/fetch-json'
import { Button } from '@/components/ui/button'
import { cn } from '@/components/ui/cn'
import { messageOf } from '@/components/ui/field-message'
import { CONTROL, FieldProblem, FormField } from '@/components/ui/form-field'
import type { ProviderRow } from '@/lib/model/provider'
import { OWN_HOST_ROLES, ownProviderSchema, PROVIDER_CATEGORIES } from '@/lib/model/provider-schema'
import { CATEGORY_WORD, ROLE_WORD } from '@/lib/view/provider-words'

type Values = z.input<typeof ownProviderSchema>

interface Props {
  /** The provider that is changed; undefined = a new one. */
  readonly row?: ProviderRow | undefined
  onDone(): void
}

/** Adds a provider, or hosts to a bundled one; the server checks the hosts against the whole catalogue. */
export function ProviderForm({ row, onDone }: Props) {
  const client = useQueryClient()
  const isExtending = row !== undefined && row.origin !== 'own'
  const form = useForm<Values, unknown, z.output<typeof ownProviderSchema>>({
    resolver: zodResolver(ownProviderSchema),
    defaultValues: valuesOf(row),
  })
  const hosts = useFieldArray({ control: form.control, name: 'hosts' })
  const settled = () => {
    void client.invalidateQueries({ queryKey: ['providers'] })
    onDone()
  }
  const save = useMutation({
    mutationFn: (entry: z.output<typeof ownProviderSchema>) =>
      fetchJson<unknown>(`/api/providers/${encodeURIComponent(entry.id)}`, jsonBody(entry, 'PUT')),
    onSuccess: settled,
  })
  const remove = useMutation({
    mutationFn: () => fetchJson<unknown>(`/api/providers/${encodeURIComponent(row?.id ?? '')}`, jsonBody({}, 'DELETE')),
    onSuccess: settled,
  })
  const { errors } = form.formState
  const title = row === undefined ? 'New provider' : isExtending ? `Hosts added to ${row.name}` : `Edit ${row.name}`
  return (
    <form
      noValidate
      aria-label={title}
      onSubmit={form.handleSubmit((entry) => save.mutate(entry))}
      className="grid max-w-4xl gap-3 rounded-md border border-(--border) bg-(--surface) p-3"
    >
      <h2 className="text-[15px] font-semibold">{title}</h2>
      {!isExtending && (
        <div className="grid gap-3 sm:grid-cols-3">
          <FormField label="Id" error={errors.id}>
            {(described) => (
              <input
                {...form.register('id')}
                {...described}
                readOnly={row !== undefined}
                placeholder="litellm-prod"
                className={`${CONTROL} font-mono`}
              />
            )}
          </FormField>
          <FormField label="Name" error={errors.name}>
            {(described) => (
              <input {...form.register('name')} {...described} placeholder="LiteLLM (production)" className={CONTROL} />
            )}
          </FormField>
          <FormField label="Category" error={errors.category}>
            {(described) => (
              <select {...form.register('category')} {...described} className={CONTROL}>
                {PROVIDER_CATEGORIES.map((item) => (
                  <option key={item} value={item}>
                    {CATEGORY_WORD[item]}
                  </option>
                ))}
              </select>
            )}
          </FormField>
        </div>
      )}
      <fieldset className="grid gap-2">
        <legend className="mb-1">
          Hosts: a whole name, <code>*.suffix</code>, or one <code>*</code> within a label
        </legend>
        {hosts.fields.map((field, index) => (
          <div key={field.id} className="flex flex-wrap items-center gap-2">
            <input
              {...form.register(`hosts.${index}.host`)}
              aria-label={`Host ${index + 1}`}
              aria-invalid={errors.hosts?.[index]?.host !== undefined}
              aria-describedby={`own-host-${index}`}
              placeholder="llm.example.com"
              className={cn(CONTROL, 'w-72 font-mono text-[12px]')}
            />
            <select
              {...form.register(`hosts.${index}.role`)}
              aria-label={`What host ${index + 1} is for`}
              className={cn(CONTROL, 'w-auto')}
            >
              {OWN_HOST_ROLES.map((role) => (
                <option key={role} value={role}>
                  {ROLE_WORD[role]}
                </option>
              ))}
            </select>
            <label className="flex items-center gap-1.5">
              <input type="checkbox" {...form.register(`hosts.${index}.aiExclusive`)} /> serves AI only
            </label>
            {hosts.fields.length > 1 && (
              <Button size="small" onClick={() => hosts.remove(index)} aria-label={`Remove host ${index + 1}`}>
                Remove
              </Button>
            )}
            <Problem id={`own-host-${index}`} error={errors.hosts?.[index]?.host} />
          </div>
        ))}
        <Problem error={errors.hosts?.root} />
        <div>
          <Button size="small" onClick={() => hosts.append({ host: '', role: 'inference', aiExclusive: true })}>
            Add a host
          </Button>
        </div>
      </fieldset>
      {!isExtending && (
        <FormField label="How its list of client addresses is set (optional)" error={errors.allowListHow}>
          {(described) => (
            <input {...form.register('allowListHow', { setValueAs: emptyIsNone })} {...described} className={CONTROL} />
          )}
        </FormField>
      )}
      <div className="flex flex-wrap gap-2">
        <Button type="submit" variant="primary" disabled={save.isPending}>
          Save
        </Button>
        <Button onClick={onDone}>Cancel</Button>
        {row && row.origin !== 'bundled' && (
          <Button className="ml-auto" disabled={remove.isPending} onClick={() => remove.mutate()}>
            {isExtending ? 'Remove the added hosts' : 'Remove this provider'}
          </Button>
        )}
      </div>
      {(save.error ?? remove.error) && <p role="alert">{(save.error ?? remove.error)?.message}</p>}
    </form>
  )
}

const emptyIsNone = (text: unknown) => (typeof text === 'string' && text.trim() !== '' ? text : undefined)

/** What is wrong with a control that has no field of its own. */
function Problem({ id, error }: { id?: string; error: unknown }) {
  const message = messageOf(error)
  return message ? (
    <span id={id}>
      <FieldProblem message={message} />
    </span>
  ) : null
}

function valuesOf(row: ProviderRow | undefined): Values {
  const isOwn = row?.origin === 'own'
  const hosts = (row?.hosts ?? [])
    .filter((host) => host.isOwn)
    .map(({ host, role, aiExclusive }) => ({
      host,
      role: OWN_HOST_ROLES.find((known) => known === role) ?? 'inference',
      aiExclusive,
    }))
  return {
    id: row?.id ?? '',
    extends: row !== undefined && !isOwn,
    name: isOwn ? row.name : '',
    category: PROVIDER_CATEGORIES.find((item) => item === row?.category) ?? 'gateway',
    hosts: hosts.length > 0 ? hosts : [{ host: '', role: 'inference', aiExclusive: true }],
    ...(isOwn && row.allowList && { allowListHow: row.allowList.how }),
  }
}
