'use client'
import { useQuery } from '@tanstack/react-query'
import { fetchJson } from '@/components/providers/fetch-json'
import { CommandBlock } from '@/components/ui/command-block'
import type { EgressConfig } from '@/lib/model/egress'

const EXAMPLE = `egressPoints:
  - name: nat-a
    kind: nat-gateway
    publicCidrs: [203.0.113.10/32]
paths:
  - name: prod
    clusters: [my-cluster]
    hops: [node, nat-gw]      # as ?hop= names them
    final: nat-gw             # the last NAT before the internet
egressRules:
  - name: ai-through-nat-a
    workloads: { aiOnly: true }
    providers: ['*']
    egressPoints: [nat-a]`

/** What to do where no rule is in force: without one no door is right or wrong. */
export function FirstRule() {
  const { data, error } = useQuery({
    queryKey: ['egress-config'],
    queryFn: () => fetchJson<EgressConfig>('/api/egress/config'),
  })
  if (error && !data) return <p role="alert">Whether a rule is in force could not be asked: {error.message}</p>
  return data?.rules.length === 0 ? <NoRules /> : null
}

function NoRules() {
  return (
    <section className="grid max-w-2xl gap-2">
      <h2 className="text-[15px] font-semibold">No egress rule is in force</h2>
      <p>
        Without a rule no door is right or wrong. The shortest one is the variable POSTERN_SANCTIONED_EGRESS with the
        addresses of your NAT, and POSTERN_FINAL_HOP with the name of the hop whose log you send. A file says more: name
        it in POSTERN_CONFIG. Or make one under Doors and rules below.
      </p>
      <CommandBlock text={EXAMPLE} />
    </section>
  )
}
