'use client'
import Link from 'next/link'
import { useId } from 'react'
import { useSources } from '@/components/sources/use-sources'
import { bestVerdict, CAPABILITIES, CAPABILITY_WORD, type Reach, type Verdict } from '@/lib/connect/best-verdict'
import { WAY_IDS, type Way, type WayId, wayOf } from '@/lib/connect/ways'
import type { SourceReport } from '@/lib/model/source-report'
import { connectPath } from '@/lib/view/connect-view'

const REACH_WORD: Readonly<Record<Reach, string>> = { yes: '● Yes', partly: '◐ Partly', no: '○ No' }
const SOURCE_WORD: Readonly<Record<Way['source'], string>> = {
  hubble: 'Cilium’s flows',
  calico: 'Calico’s flows',
  otlp: 'traces',
  nat: 'NAT evidence',
  dns: 'DNS',
  kubernetes: 'the inventory',
}
const DAY = { from: 'now-24h', to: 'now', dataset: '' }

/** How far this way reaches, alone and with what is heard of the cluster already. */
export function VerdictTable({ id, cluster }: { id: WayId; cluster: string }) {
  const titleId = useId()
  const { report } = useSources(DAY)
  const others = report ? heardWays(report, cluster).filter((one) => one !== id) : []
  const [alone, together] = [bestVerdict([id]), others.length > 0 ? bestVerdict([id, ...others]) : undefined]
  return (
    <section aria-labelledby={titleId} className="grid gap-2">
      <h3 id={titleId} className="font-semibold">
        The best that this can say
      </h3>
      {together && (
        <p className="text-(--text-muted)">
          Heard of {cluster} today: {[...new Set(others.map((one) => SOURCE_WORD[wayOf(one).source]))].join(', ')}. The
          last column counts them in
          {others.includes('nat-azure') ? ', NAT evidence as a hint: which log it is, is not known here' : ''}.
        </p>
      )}
      <div className="overflow-x-auto rounded-md border border-(--border) bg-(--surface)">
        <table className="w-full border-collapse text-[12px]">
          <caption className="sr-only">What this set-up can say at best</caption>
          <thead className="text-left text-(--text-muted)">
            <tr className="border-b border-(--border)">
              <th scope="col" className="px-3 py-2 font-medium">
                What
              </th>
              <th scope="col" className="px-3 py-2 font-medium">
                This way alone
              </th>
              {together && (
                <th scope="col" className="px-3 py-2 font-medium">
                  With what {cluster} sends already
                </th>
              )}
            </tr>
          </thead>
          <tbody>
            {CAPABILITIES.map((capability) => (
              <tr key={capability} className="border-b border-(--border) align-top last:border-b-0">
                <th scope="row" className="px-3 py-1.5 text-left font-medium whitespace-nowrap">
                  {CAPABILITY_WORD[capability]}
                </th>
                <td className="px-3 py-1.5">
                  <Cell verdict={alone[capability]} cluster={cluster} />
                </td>
                {together && (
                  <td className="px-3 py-1.5">
                    <Cell verdict={together[capability]} cluster={cluster} />
                  </td>
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}

function Cell({ verdict: { reach, why, add }, cluster }: { verdict: Verdict; cluster: string }) {
  return (
    <>
      <strong className="font-medium whitespace-nowrap">{REACH_WORD[reach]}</strong>{' '}
      <span className="text-(--text-muted)">{why}</span>
      {add && (
        <span className="block">
          Add{' '}
          {add.map((id, index) => (
            <span key={id}>
              {index > 0 && (index === add.length - 1 ? ' or ' : ', ')}
              <Link href={connectPath({ way: id, cluster })} className="underline">
                {wayOf(id).title}
              </Link>
            </span>
          ))}
          .
        </span>
      )}
    </>
  )
}

/**
 * What is known of how a cluster's sources come in. Who pushes is known by source alone: the least that sends it is taken, so that
 * the table never says too much.
 */
function heardWays({ sources, collectors }: SourceReport, cluster: string): WayId[] {
  const heard = new Set(
    sources
      .filter((one) => one.cluster === cluster && one.acceptedInWindow + one.duplicatesInWindow > 0)
      .map(({ source }) => source),
  )
  const kinds = new Set<string>(
    collectors.filter((one) => !one.cluster || one.cluster === cluster).map(({ kind }) => kind),
  )
  const least: Readonly<Record<string, WayId>> = {
    hubble: 'hubble-exporter',
    calico: kinds.has('syslog') ? 'calico-syslog' : 'goldmane',
    otlp: 'otel-exporter',
    nat: 'nat-azure',
    dns: 'coredns',
    kubernetes: 'kubernetes',
  }
  return WAY_IDS.filter((id) => heard.has(wayOf(id).source) && least[wayOf(id).source] === id)
}
