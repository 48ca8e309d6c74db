'use client'
import { useSyncExternalStore } from 'react'
import { CommandBlock } from '@/components/ui/command-block'
import type { Collector } from '@/lib/model/collector'
import type { GraphView } from '@/lib/view/graph-view'
import { connectSteps, type OtlpPorts } from './connect-steps'
import { useSources } from './use-sources'

const NOWHERE = () => () => undefined
const AT_BUILD = 'http://localhost:3000'

const NO_VIEW = { from: 'now-15m', to: 'now', dataset: '' }

/**
 * Commands to paste, with this server's address and ports. Where sign-in is on they need a token of the Settings page.
 * Without `view` (a frame, which may not ask for the sources) the usual ports of OTLP are named.
 */
export function ConnectCluster({ view }: { view?: GraphView }) {
  const { report } = useSources(view ?? NO_VIEW, view !== undefined)
  const origin = useSyncExternalStore(
    NOWHERE,
    () => window.location.origin,
    () => AT_BUILD,
  )
  return (
    <section className="grid max-w-3xl grid-cols-1 gap-4" aria-labelledby="connect">
      <h2 id="connect" className="text-[15px] font-semibold">
        Connect my cluster
      </h2>
      <p className="text-(--text-muted)">
        Collectors are named in the file of <code>POSTERN_CONFIG</code> and start with the server. Senders send to it;
        where sign-in is on, they need the header <code>Authorization: Bearer …</code> with a token of the Settings
        page.
      </p>
      {connectSteps(new URL(origin), otlpPorts(report?.collectors)).map(({ title, steps }) => (
        <section key={title} className="grid grid-cols-1 gap-3">
          <h3 className="font-semibold">{title}</h3>
          {steps.map((step) => (
            <div key={step.title} className="grid grid-cols-1 gap-1">
              <h4>{step.title}</h4>
              <CommandBlock text={step.command} />
            </div>
          ))}
        </section>
      ))}
    </section>
  )
}

/** The ports that listen; undefined where nothing is known of them. */
function otlpPorts(collectors: readonly Collector[] | undefined): OtlpPorts | undefined {
  if (!collectors || collectors.length === 0) return undefined
  const portOf = (kind: Collector['kind']) =>
    collectors.find((one) => one.kind === kind && one.state === 'connected')?.address?.match(/:(\d+)$/)?.[1]
  return { grpc: portOf('otlp-grpc'), http: portOf('otlp-http') }
}
