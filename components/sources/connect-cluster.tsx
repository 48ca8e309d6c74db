'use client'
import { useSyncExternalStore } from 'react'
import { CommandBlock } from '@/components/ui/command-block'

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
        Where sign-in is on, add <code>-H &quot;Authorization: Bearer $POSTERN_TOKEN&quot;</code> with a token of the
        Settings page.
      </p>
      {stepsFor(new URL(origin)).map(({ title, command }) => (
        <div key={title} className="grid grid-cols-1 gap-1">
          <h3>{title}</h3>
          <CommandBlock text={command} />
        </div>
      ))}
    </section>
  )
}

function stepsFor(server: URL): { readonly title: string; readonly command: string }[] {
  const port = server.port || (server.protocol === 'https:' ? '443' : '80')
  return [
    {
      title: 'Cilium, once, from any machine that reaches Hubble Relay',
      command: `hubble observe --last 1000 -o json | curl --data-binary @- \\\n  -H 'X-Postern-Cluster: my-cluster' ${server.origin}/api/ingest/hubble`,
    },
    {
      title: 'Cilium, for good: the Hubble exporter’s files through Fluent Bit',
      command: `[OUTPUT]\n    Name        http\n    Match       hubble\n    Host        ${server.hostname}\n    Port        ${port}\n    URI         /api/ingest/hubble\n    Format      json_lines\n    Compress    gzip\n    Header      X-Postern-Cluster my-cluster`,
    },
    {
      title: 'Calico (Goldmane): flow records as JSON lines',
      command: `curl --data-binary @flows.ndjson -H 'X-Postern-Cluster: my-cluster' \\\n  ${server.origin}/api/ingest/calico`,
    },
    {
      title: 'NAT evidence: conntrack of a node or a gateway, as root on that machine',
      command: `sysctl -w net.netfilter.nf_conntrack_timestamp=1\nconntrack -E -e NEW,DESTROY -o extended,timestamp,id | split -l 200 --filter='curl -fsS --retry 5 --data-binary @- -H "X-Postern-Cluster: my-cluster" "${server.origin}/api/ingest/nat/conntrack?hop=nat-gw"'`,
    },
    {
      title: 'Traces: an exporter of the OpenTelemetry Collector',
      command: `exporters:\n  otlphttp/postern:\n    traces_endpoint: ${server.origin}/v1/traces\n    compression: gzip`,
    },
  ]
}
