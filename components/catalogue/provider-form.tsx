'use client'
import { zodResolver } from '@hookform/resolvers/zod'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useFieldArray, useForm } from 'react-hook-form'
import type { z } from 'zod'
import { fetchJson, jsonBody } from '@/components/providers/fetch-json'
import { Button } from '@/components/ui/button'
import type { ProviderRow } from '@/lib/model/provider'
import { OWN_HOST_ROLES, ownProviderSchema, PROVIDER_CATEGORIES } from '@/lib/model/provider-schema'
import { CATEGORY_WORD, ROLE_WORD } from '@/lib/view/provider-words'

type Values = z.input<typeof ownProviderSchema>

interface Props {
  /** The provider that is changed; undefined = a new one. */
  readonly row?: ProviderRow | undefined
  onDone(): void
}

const CONTROL = 'h-7 rounded-md border border-(--border) bg-(--bg) px-2'

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
        <div className="flex flex-wrap gap-3">
          <Field problem={errors.id?.message} id="own-id">
            <label className="grid gap-1">
              Id
              <input
                {...form.register('id')}
                readOnly={row !== undefined}
                aria-invalid={errors.id !== undefined}
                aria-describedby="own-id"
                placeholder="litellm-prod"
                className={`${CONTROL} font-mono`}
              />
            </label>
          </Field>
          <Field problem={errors.name?.message} id="own-name">
            <label className="grid gap-1">
              Name
              <input
                {...form.register('name')}
                aria-invalid={errors.name !== undefined}
                aria-describedby="own-name"
                placeholder="LiteLLM (production)"
                className={`${CONTROL} w-64`}
              />
            </label>
          </Field>
          <label className="grid gap-1">
            Category
            <select {...form.register('category')} className={CONTROL}>
              {PROVIDER_CATEGORIES.map((item) => (
                <option key={item} value={item}>
                  {CATEGORY_WORD[item]}
                </option>
              ))}
            </select>
          </label>
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
              className={`${CONTROL} w-72 font-mono text-[12px]`}
            />
            <select
              {...form.register(`hosts.${index}.role`)}
              aria-label={`What host ${index + 1} is for`}
              className={CONTROL}
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
            <Problem id={`own-host-${index}`} text={errors.hosts?.[index]?.host?.message} />
          </div>
        ))}
        <Problem text={errors.hosts?.root?.message ?? errors.hosts?.message} />
        <div>
          <Button size="small" onClick={() => hosts.append({ host: '', role: 'inference', aiExclusive: true })}>
            Add a host
          </Button>
        </div>
      </fieldset>
      {!isExtending && (
        <Field problem={errors.allowListHow?.message} id="own-how">
          <label className="grid gap-1">
            How its list of client addresses is set (optional)
            <input
              {...form.register('allowListHow', { setValueAs: emptyIsNone })}
              aria-describedby="own-how"
              className={CONTROL}
            />
          </label>
        </Field>
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

/** A control with what is wrong with it below, outside its label. */
function Field({ id, problem, children }: { id: string; problem?: string | undefined; children: ReactNode }) {
  return (
    <div className="grid content-start gap-1">
      {children}
      <Problem id={id} text={problem} />
    </div>
  )
}

function Problem({ id, text }: { id?: string; text?: string | undefined }) {
  return text ? (
    <span id={id} role="alert" className="text-(--state-violation)">
      {text}
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
