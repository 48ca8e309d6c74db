import Link from 'next/link'
import { WAY_GROUPS, WAY_IDS, wayOf } from '@/lib/connect/ways'
import { connectPath } from '@/lib/view/connect-view'

/** Every way to connect a cluster, each leading to what is pasted for it. */
export function ConnectCluster({ cluster = '' }: { cluster?: string }) {
  return (
    <section className="grid max-w-4xl grid-cols-1 gap-3" aria-labelledby="connect">
      <h2 id="connect" className="text-[15px] font-semibold">
        Connect my cluster
      </h2>
      <p className="text-(--text-muted)">
        Each way has commands and manifests with this server’s address and a token of its own, shows the first record
        arrive, and says how much the graph can tell with it.
      </p>
      <ul className="grid gap-x-6 gap-y-3 sm:grid-cols-2 lg:grid-cols-3">
        {WAY_GROUPS.map((group) => (
          <li key={group}>
            <h3 className="font-medium">{group}</h3>
            <ul>
              {WAY_IDS.filter((id) => wayOf(id).group === group).map((id) => (
                <li key={id}>
                  <Link href={connectPath({ way: id, cluster })} className="underline">
                    {wayOf(id).title}
                  </Link>
                </li>
              ))}
            </ul>
          </li>
        ))}
      </ul>
    </section>
  )
}
