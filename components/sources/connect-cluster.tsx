'use client'
import { useSyncExternalStore } from 'react'
import { CommandBlock } from '@/components/ui/command-block'
import { connectSteps } from './connect-steps'

const NOWHERE = () => () => undefined
const AT_BUILD = 'http://localhost:3000'

/** Commands to paste, with this server's address. Where sign-in is on they need a token of the Settings page. */
export function ConnectCluster() {
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
        where sign-in is on, add <code>-H &quot;Authorization: Bearer $POSTERN_TOKEN&quot;</code> with a token of the
        Settings page.
      </p>
      {connectSteps(new URL(origin)).map(({ title, steps }) => (
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
