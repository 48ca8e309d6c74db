'use client'
import { useQuery } from '@tanstack/react-query'
import { fetchJson } from '@/components/providers/fetch-json'
import { Chip } from '@/components/ui/chip'
import { CommandBlock } from '@/components/ui/command-block'
import type { EgressConfig, EgressRule } from '@/lib/model/egress'

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

/** The egress points, paths and rules that doors are judged by. */
export function RulesInForce() {
  const { data, error } = useQuery({
    queryKey: ['egress-config'],
    queryFn: () => fetchJson<EgressConfig>('/api/egress/config'),
  })
  if (error) return <p role="alert">{error.message}</p>
  if (!data) return null
  if (data.rules.length === 0) return <NoRules />
  return (
    <section aria-labelledby="rules">
      <h2 id="rules" className="mb-2 text-[15px] font-semibold">
        Rules in force
      </h2>
      <ul className="grid gap-1.5">
        {data.rules.map((rule) => (
          <li key={rule.name}>
            <strong>{rule.name}</strong> <Chip>from {rule.origin}</Chip>{' '}
            {rule.mode === 'observe' && <Chip>observed only</Chip>} {ruleSentence(rule)}
          </li>
        ))}
        {data.points.map((point) => (
          <li key={point.name}>
            Egress point <strong>{point.name}</strong> ({point.kind}): {point.publicCidrs.join(', ')}
          </li>
        ))}
        {data.paths.map((path) => (
          <li key={path.name}>
            Path <strong>{path.name}</strong>
            {path.clusters.length > 0 ? ` of ${path.clusters.join(', ')}` : ''}: {path.hops.join(' → ')}, the last NAT
            is {path.finalHop}
          </li>
        ))}
      </ul>
      <p className="mt-2 text-(--text-muted)">Version {data.version}</p>
    </section>
  )
}

function ruleSentence(rule: EgressRule): string {
  const who = rule.workloads.aiOnly ? 'AI workloads' : 'Workloads'
  const where = rule.workloads.namespaces.length > 0 ? ` of ${rule.workloads.namespaces.join(', ')}` : ''
  const what = rule.providers.includes('*') ? 'every AI provider' : rule.providers.join(', ')
  const doors = [...rule.egressPoints, ...rule.sanctionedSources.map((source) => source.cidr)].join(', ')
  return `${who}${where} reach ${what} by ${doors}.`
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
