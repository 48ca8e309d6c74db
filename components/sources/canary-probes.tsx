'use client'
import { useQuery } from '@tanstack/react-query'
import { fetchJson } from '@/components/providers/fetch-json'
import type { ListedProbe } from '@/lib/model/canary'
import { formatMoment } from '@/lib/view/format'

const REFRESH_MS = 10_000

/** What probes showed lately, by place; nothing where there were none. */
export function CanaryProbes({ cluster }: { cluster: string }) {
  const params = new URLSearchParams(cluster ? { cluster } : {}).toString()
  const { data } = useQuery({
    queryKey: ['canary-probes', params],
    queryFn: () => fetchJson<{ probes: ListedProbe[] }>(`/api/canary/probes?${params}`),
    refetchInterval: REFRESH_MS,
  })
  if (!data || data.probes.length === 0) return null
  return (
    <div className="overflow-x-auto rounded-md border border-(--border) bg-(--surface)">
      <table className="w-full border-collapse text-[12px]">
        <caption className="sr-only">Probes</caption>
        <thead className="text-left text-(--text-muted)">
          <tr className="border-b border-(--border)">
            {['Cluster', 'Namespace', 'Node', 'Left by', 'At'].map((title) => (
              <th key={title} scope="col" className="px-3 py-2 font-medium">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {data.probes.map((probe) => (
            <tr
              key={[probe.cluster, probe.namespace, probe.node, probe.basis].join()}
              className="border-b border-(--border)"
            >
              <td className="px-3 py-1.5">{probe.cluster}</td>
              <th scope="row" className="px-3 py-1.5 text-left font-normal">
                {probe.namespace}
              </th>
              <td className="px-3 py-1.5">{probe.node || 'not told'}</td>
              <td className="px-3 py-1.5">
                <span className="font-mono">{probe.address}</span> {wordsOf(probe)}
              </td>
              <td className="px-3 py-1.5 whitespace-nowrap">{formatMoment(probe.atMs)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function wordsOf({ basis, isPublic }: ListedProbe): string {
  if (!isPublic) return '(private: it reached Postern from within, which shows nothing)'
  return basis === 'told' ? '(by its own word: it may accuse, not acquit)' : ''
}
