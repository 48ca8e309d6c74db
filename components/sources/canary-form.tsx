'use client'
import { useMutation } from '@tanstack/react-query'
import type { FormEvent } from 'react'
import { fetchJson, jsonBody } from '@/components/providers/fetch-json'
import { Button } from '@/components/ui/button'
import { CommandBlock } from '@/components/ui/command-block'
import { CANARY_INTERVALS } from '@/lib/model/canary'
import { applyCommand, secretCommand } from '@/lib/view/canary-commands'
import { CanaryProbes } from './canary-probes'

const CONTROL = 'h-7 rounded-md border border-(--border) bg-(--bg) px-2'
/** Parameters of the manifest; what is left empty is the server's to choose. */
const PARAMETERS = ['namespace', 'kind', 'interval', 'url', 'labels', 'nodes', 'echo', 'image'] as const

/** Makes a token for a probe of one namespace, and shows the commands that run the probe. */
export function CanaryForm({ cluster }: { cluster: string }) {
  const create = useMutation({ mutationFn: makeProbe })
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    create.mutate(new FormData(event.currentTarget))
  }
  return (
    <section aria-labelledby="canary" className="grid max-w-3xl grid-cols-1 gap-3">
      <h2 id="canary" className="text-[15px] font-semibold">
        Probe a namespace’s way out
      </h2>
      <p className="text-(--text-muted)">
        A small pod calls Postern every few minutes, and Postern notes by which address it came. It is a sample of the
        way, valid for 15 minutes: it leans judgements of that namespace, and never proves one. It must reach Postern by
        the way that the workload takes to its providers, from outside the cluster.
      </p>
      <CanaryProbes cluster={cluster} />
      <form onSubmit={submit} className="grid gap-3 rounded-md border border-(--border) bg-(--surface) p-3">
        <div className="flex flex-wrap gap-3">
          <Field name="cluster" label="Cluster" defaultValue={cluster} required maxLength={128} />
          <Field name="namespace" label="Namespace" required maxLength={63} />
          <Field name="url" label="Postern’s address outside" placeholder="https://postern.example.com" />
          <Field name="labels" label="Labels of the workload" placeholder="app=agent" />
          <Field name="nodes" label="Labels of its nodes" placeholder="any node" />
          <Field name="echo" label="Another echo service" placeholder="none" />
          <Field name="image" label="Image with curl" placeholder="curlimages/curl" />
          <label className="grid gap-1">
            Runs as
            <select name="kind" className={CONTROL}>
              <option>CronJob</option>
              <option>Deployment</option>
            </select>
          </label>
          <label className="grid gap-1">
            Every
            <select name="interval" defaultValue="5" className={CONTROL}>
              {CANARY_INTERVALS.map((minutes) => (
                <option key={minutes} value={minutes}>
                  {minutes} min
                </option>
              ))}
            </select>
          </label>
        </div>
        <div>
          <Button type="submit" variant="primary" disabled={create.isPending}>
            Create token and manifest
          </Button>
        </div>
        {create.error && <p role="alert">{create.error.message}</p>}
        {create.data && (
          <div role="status" className="grid grid-cols-1 gap-2">
            <p>The token, into a Secret. Copy it now: only a hash of it is kept.</p>
            <CommandBlock text={create.data.secret} />
            <p>The probe, and the NetworkPolicy that lets it out.</p>
            <CommandBlock text={create.data.manifest} />
          </div>
        )}
      </form>
    </section>
  )
}

function Field({ label, ...input }: { label: string } & React.ComponentProps<'input'>) {
  return (
    <label className="grid gap-1">
      {label}
      <input {...input} className={CONTROL} />
    </label>
  )
}

/** The manifest first: what it refuses leaves no token behind. */
async function makeProbe(form: FormData): Promise<{ secret: string; manifest: string }> {
  const text = (name: string) => String(form.get(name) ?? '').trim()
  const wanted = PARAMETERS.flatMap((name): [string, string][] => (text(name) ? [[name, text(name)]] : []))
  const { manifest } = await fetchJson<{ manifest: string }>(
    `/api/canary/manifest?${new URLSearchParams([...wanted, ['as', 'json']])}`,
  )
  const [cluster, namespace] = [text('cluster'), text('namespace')]
  const token = { name: `probe of ${namespace}`, scopes: ['canary'], cluster, namespace }
  const made = await fetchJson<{ token: string }>('/api/tokens', jsonBody(token))
  return { secret: secretCommand(namespace, made.token), manifest: applyCommand(manifest) }
}
