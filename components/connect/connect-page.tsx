'use client'
import { useSyncExternalStore } from 'react'
import { TopBar } from '@/components/frame/top-bar'
import { wayOf } from '@/lib/connect/ways'
import { addressOf } from '@/lib/view/connect-view'
import { ConnectedWay } from './connected-way'
import { TargetForm } from './target-form'
import { useConnectView } from './use-connect-view'
import { WayList } from './way-list'

const NOWHERE = () => () => undefined
const AT_BUILD = 'http://localhost:3000'

interface Props {
  /** POSTERN_PUBLIC_URL; '' = not set. */
  readonly publicUrl: string
  readonly hasSignIn: boolean
  /** POSTERN_CLUSTER, or what stands for it. */
  readonly usualCluster: string
}

/** Connect my cluster: what to connect, what to paste for it, whether the first record came, and how far that reaches. */
export function ConnectPage({ publicUrl, hasSignIn, usualCluster }: Props) {
  const { view, way, change } = useConnectView()
  const origin = useSyncExternalStore(
    NOWHERE,
    () => window.location.origin,
    () => AT_BUILD,
  )
  const known = publicUrl || origin
  const server = addressOf(view.address) ?? new URL(known)
  const cluster = view.cluster || usualCluster
  return (
    <>
      <TopBar title="Connect my cluster" />
      <main className="min-h-0 flex-1 overflow-y-auto">
        <div className="grid gap-6 p-4 lg:grid-cols-[280px_minmax(0,1fr)]">
          <WayList chosen={way} onChoose={(id) => change({ way: id, hop: '' })} />
          {way ? (
            <div className="grid min-w-0 max-w-4xl content-start gap-6">
              <header>
                <h2 className="text-[15px] font-semibold">
                  {wayOf(way).group}: {wayOf(way).title}
                </h2>
                <p className="text-(--text-muted)">{wayOf(way).needs}</p>
              </header>
              <TargetForm
                key={way}
                way={wayOf(way)}
                address={view.address || known}
                isAddressSaid={publicUrl !== ''}
                cluster={cluster}
                hop={view.hop || (wayOf(way).hop ?? '')}
                onChange={change}
              />
              <ConnectedWay
                key={`${way}/${cluster}/${view.hop}`}
                id={way}
                server={server}
                cluster={cluster}
                hop={view.hop || (wayOf(way).hop ?? '')}
                hasSignIn={hasSignIn}
              />
            </div>
          ) : (
            <p className="max-w-2xl text-(--text-muted)">
              Choose what runs in the cluster. You get commands and manifests with this server’s address and a token of
              their own, see the first record arrive, and how much the graph can say with it. Flows come first; NAT
              evidence and names make doors provable.
            </p>
          )}
        </div>
      </main>
    </>
  )
}
