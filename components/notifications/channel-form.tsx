'use client'
import { zodResolver } from '@hookform/resolvers/zod'
import { type ReactNode, useId } from 'react'
import { type UseFormRegister, useForm } from 'react-hook-form'
import { z } from 'zod'
import { Button } from '@/components/ui/button'
import { DETECTOR_IDS } from '@/lib/model/finding'
import { CHANNEL_KINDS, type Channel, type ChannelInput, SEVERITIES } from '@/lib/model/notification'
import { KIND_WORDS, URL_HINTS } from '@/lib/view/notification-words'
import { useSaveChannel } from './use-channels'

const CONTROL = 'h-7 w-full rounded-md border border-(--border) bg-(--bg) px-2'

const schema = z.object({
  name: z.string().trim().min(1, 'A name is needed.').max(100, 'At most 100 characters.'),
  kind: z.enum(CHANNEL_KINDS),
  url: z
    .string()
    .trim()
    .max(2000, 'At most 2000 characters.')
    .refine(
      (text) => text === '' || /^https?:\/\/[^/]+/.test(text),
      'An address that begins with http:// or https://.',
    ),
  secret: z.string().max(500, 'At most 500 characters.'),
  dropsSecret: z.boolean(),
  minSeverity: z.enum(SEVERITIES),
  detectors: z.array(z.enum(DETECTOR_IDS)),
  clusters: z.string().max(2000, 'At most 2000 characters.'),
  withPossible: z.boolean(),
  sendResolved: z.boolean(),
})
type Fields = z.infer<typeof schema>

const fieldsOf = (channel: Channel | undefined): Fields => ({
  name: channel?.name ?? '',
  kind: channel?.kind ?? 'generic',
  url: '',
  secret: '',
  dropsSecret: false,
  minSeverity: channel?.minSeverity ?? 'high',
  detectors: [...(channel?.detectors ?? [])],
  clusters: channel?.clusters.join(', ') ?? '',
  withPossible: channel?.withPossible ?? false,
  sendResolved: channel?.sendResolved ?? true,
})

function inputOf(
  { clusters, url, secret, dropsSecret, ...fields }: Fields,
  channel: Channel | undefined,
): ChannelInput {
  const isGeneric = fields.kind === 'generic'
  return {
    ...fields,
    isEnabled: channel?.isEnabled ?? true,
    clusters: clusters
      .split(',')
      .map((name) => name.trim())
      .filter(Boolean),
    ...(url !== '' && { url }),
    ...(isGeneric && secret !== '' && { secret }),
    ...(isGeneric && secret === '' && dropsSecret && { secret: '' }),
  }
}

/** A new channel, or another form of one that there is. What is secret in it is never shown: left empty it stays. */
export function ChannelForm({ channel, onDone }: { channel?: Channel; onDone: () => void }) {
  const { register, handleSubmit, watch, setError, formState } = useForm<Fields>({
    resolver: zodResolver(schema),
    defaultValues: fieldsOf(channel),
  })
  const save = useSaveChannel(channel?.id, onDone)
  const { errors } = formState
  const kind = watch('kind')
  const submit = handleSubmit((fields) => {
    if (!channel && fields.url === '') setError('url', { message: 'An address is needed.' }, { shouldFocus: true })
    else save.mutate(inputOf(fields, channel))
  })
  return (
    <form
      onSubmit={(event) => void submit(event)}
      noValidate
      aria-label={channel ? `Change ${channel.name}` : 'New channel'}
      className="grid max-w-3xl gap-3 rounded-md border border-(--border) bg-(--surface) p-3"
    >
      <h3 className="font-semibold">{channel ? `Change ${channel.name}` : 'New channel'}</h3>
      <div className="grid gap-3 sm:grid-cols-2">
        <Field label="Name" error={errors.name?.message}>
          {(aria) => <input {...register('name')} {...aria} maxLength={100} className={CONTROL} />}
        </Field>
        {!channel && (
          <Field label="Kind">
            {(aria) => (
              <select {...register('kind')} {...aria} className={CONTROL}>
                {CHANNEL_KINDS.map((one) => (
                  <option key={one} value={one}>
                    {KIND_WORDS[one]}
                  </option>
                ))}
              </select>
            )}
          </Field>
        )}
      </div>
      <Field
        label="Address"
        error={errors.url?.message}
        hint={channel ? `Now ${channel.shownUrl}. Left empty it stays.` : URL_HINTS[kind]}
      >
        {(aria) => <input {...register('url')} {...aria} type="url" autoComplete="off" className={CONTROL} />}
      </Field>
      {kind === 'generic' && (
        <>
          <Field
            label="Secret"
            error={errors.secret?.message}
            hint={
              channel?.hasSecret
                ? 'There is one. Left empty it stays.'
                : 'Messages are signed with it (HMAC-SHA256). Optional.'
            }
          >
            {(aria) => (
              <input
                {...register('secret')}
                {...aria}
                type="password"
                autoComplete="new-password"
                className={CONTROL}
              />
            )}
          </Field>
          {channel?.hasSecret && <Check label="Take the secret away" name="dropsSecret" register={register} />}
        </>
      )}
      <div className="grid gap-3 sm:grid-cols-2">
        <Field label="Severity">
          {(aria) => (
            <select {...register('minSeverity')} {...aria} className={CONTROL}>
              {SEVERITIES.map((one, at) => (
                <option key={one} value={one}>
                  {at === 0 ? one : `${one} and worse`}
                </option>
              ))}
            </select>
          )}
        </Field>
        <Field label="Clusters" error={errors.clusters?.message} hint="Separated by commas. Empty: all.">
          {(aria) => <input {...register('clusters')} {...aria} className={CONTROL} />}
        </Field>
      </div>
      <Check label="Possible findings too, not only what is proven" name="withPossible" register={register} />
      <Check label="Say when it is over" name="sendResolved" register={register} />
      <details>
        <summary className="cursor-pointer">Only some detectors</summary>
        <fieldset className="mt-2 flex flex-wrap gap-x-4 gap-y-1">
          <legend className="sr-only">Detectors; none chosen: all</legend>
          {DETECTOR_IDS.map((id) => (
            <label key={id} className="flex items-center gap-1.5">
              <input type="checkbox" value={id} {...register('detectors')} />
              {id}
            </label>
          ))}
        </fieldset>
      </details>
      <div className="flex flex-wrap gap-2">
        <Button type="submit" variant="primary" disabled={save.isPending}>
          {channel ? 'Save' : 'Create channel'}
        </Button>
        <Button onClick={onDone}>Cancel</Button>
      </div>
      {save.error && <p role="alert">{save.error.message}</p>}
    </form>
  )
}

interface Aria {
  readonly id: string
  readonly 'aria-invalid'?: true
  readonly 'aria-describedby'?: string
}

function Field(props: { label: string; error?: string; hint?: string; children: (aria: Aria) => ReactNode }) {
  const { label, error, hint, children } = props
  const id = useId()
  const note = error ?? hint
  return (
    <div className="grid content-start gap-1">
      <label htmlFor={id}>{label}</label>
      {children({ id, ...(error && { 'aria-invalid': true }), ...(note && { 'aria-describedby': `${id}-note` }) })}
      {note && (
        <p
          id={`${id}-note`}
          role={error ? 'alert' : undefined}
          className={error ? 'font-medium' : 'text-(--text-muted)'}
        >
          {note}
        </p>
      )}
    </div>
  )
}

function Check(props: {
  label: string
  name: 'withPossible' | 'sendResolved' | 'dropsSecret'
  register: UseFormRegister<Fields>
}) {
  return (
    <label className="flex items-center gap-2">
      <input type="checkbox" {...props.register(props.name)} />
      {props.label}
    </label>
  )
}
