'use client'
import { type FormEvent, useState } from 'react'
import { Button } from '@/components/ui/button'
import { CONTROL, FormField } from '@/components/ui/form-field'
import type { Way } from '@/lib/connect/ways'
import { addressOf, type ConnectView, isLoopback } from '@/lib/view/connect-view'

interface Props {
  readonly way: Way
  readonly address: string
  /** The operator said it in POSTERN_PUBLIC_URL; else it is where this browser found the server. */
  readonly isAddressSaid: boolean
  readonly cluster: string
  readonly hop: string
  onChange(part: Partial<ConnectView>): void
}

/** Where senders reach this server, as which cluster, and for NAT evidence as which hop. */
export function TargetForm({ way, address, isAddressSaid, cluster, hop, onChange }: Props) {
  // Written by a person, it stays, also where the page learns its own address only now.
  const [typed, setTyped] = useState<string>()
  const server = addressOf(typed ?? address)
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const data = new FormData(event.currentTarget)
    const field = (name: string) => String(data.get(name) ?? '').trim()
    if (isSentTo(way) && !addressOf(field('address'))) return
    onChange({
      ...(isSentTo(way) && { address: field('address') }),
      cluster: field('cluster'),
      ...(way.hop !== undefined && { hop: field('hop') }),
    })
  }
  return (
    <form onSubmit={submit} className="grid gap-3 rounded-md border border-(--border) bg-(--surface) p-3">
      <div className="grid items-start gap-3 sm:grid-cols-2">
        {isSentTo(way) && (
          <FormField
            label="Address of this server, for senders"
            hint={addressHint(server, isAddressSaid)}
            error={server ? undefined : { message: 'An http or https address, without user, query or fragment.' }}
          >
            {(described) => (
              <input
                {...described}
                name="address"
                required
                maxLength={300}
                defaultValue={address}
                onChange={(event) => setTyped(event.currentTarget.value)}
                className={CONTROL}
              />
            )}
          </FormField>
        )}
        <FormField label="Cluster" hint="Flows, names and evidence meet by this name: one for each cluster.">
          {(described) => (
            <input {...described} name="cluster" required maxLength={128} defaultValue={cluster} className={CONTROL} />
          )}
        </FormField>
        {way.hop !== undefined && (
          <FormField label="Hop" hint="The name of this NAT in the paths of your egress settings.">
            {(described) => (
              <input {...described} name="hop" required maxLength={64} defaultValue={hop} className={CONTROL} />
            )}
          </FormField>
        )}
      </div>
      <div>
        <Button type="submit">Write them into the commands</Button>
      </div>
    </form>
  )
}

/** Senders push, or a store of Calico is told where syslog is listened for. */
const isSentTo = ({ scope, collectors }: Way): boolean => scope !== undefined || collectors?.includes('syslog') === true

function addressHint(server: URL | undefined, isAddressSaid: boolean): string {
  if (server && isLoopback(server))
    return 'Only this machine reaches that. Write the address by which pods reach Postern, and set POSTERN_PUBLIC_URL to it.'
  return isAddressSaid
    ? 'As POSTERN_PUBLIC_URL says.'
    : 'As this browser reaches it. A server cannot know how others do: check it.'
}
