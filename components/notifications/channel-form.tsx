'use client'
import { zodResolver } from '@hookform/resolvers/zod'
import { type UseFormRegister, useForm } from 'react-hook-form'
import { z } from 'zod'
import { Button } from '@/components/ui/button'
import { CONTROL, FormField } from '@/components/ui/form-field'
import { DETECTOR_IDS, SEVERITIES } from '@/lib/model/finding'
import { CHANNEL_KINDS, type Channel, type ChannelInput } from '@/lib/model/notification'
import { KIND_WORDS, URL_HINTS } from '@/lib/view/notification-words'
import { useSaveChannel } from './use-channels'

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
        <FormField label="Name" error={errors.name}>
          {(aria) => <input {...register('name')} {...aria} maxLength={100} className={CONTROL} />}
        </FormField>
        {!channel && (
          <FormField label="Kind">
            {(aria) => (
              <select {...register('kind')} {...aria} className={CONTROL}>
                {CHANNEL_KINDS.map((one) => (
                  <option key={one} value={one}>
                    {KIND_WORDS[one]}
                  </option>
                ))}
              </select>
            )}
          </FormField>
        )}
      </div>
      <FormField
        label="Address"
        error={errors.url}
        hint={channel ? `Now ${channel.shownUrl}. Left empty it stays.` : URL_HINTS[kind]}
      >
        {(aria) => <input {...register('url')} {...aria} type="url" autoComplete="off" className={CONTROL} />}
      </FormField>
      {kind === 'generic' && (
        <>
          <FormField
            label="Secret"
            error={errors.secret}
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
          </FormField>
          {channel?.hasSecret && <Check label="Take the secret away" name="dropsSecret" register={register} />}
        </>
      )}
      <div className="grid gap-3 sm:grid-cols-2">
        <FormField label="Severity">
          {(aria) => (
            <select {...register('minSeverity')} {...aria} className={CONTROL}>
              {SEVERITIES.map((one, at) => (
                <option key={one} value={one}>
                  {at === 0 ? one : `${one} and worse`}
                </option>
              ))}
            </select>
          )}
        </FormField>
        <FormField label="Clusters" error={errors.clusters} hint="Separated by commas. Empty: all.">
          {(aria) => <input {...register('clusters')} {...aria} className={CONTROL} />}
        </FormField>
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
