'use client'
import { useState } from 'react'
import { baseOf } from '@/lib/connect/step'
import { stepsOf } from '@/lib/connect/way-steps'
import { type WayId, wayOf } from '@/lib/connect/ways'
import { ArrivalTick } from './arrival-tick'
import { type MadeToken, MakeToken } from './make-token'
import { StepList } from './step-list'
import { VerdictTable } from './verdict-table'

interface Props {
  readonly id: WayId
  readonly server: URL
  readonly cluster: string
  readonly hop: string
  readonly hasSignIn: boolean
}

/** One way of one cluster: its token, what is pasted, the tick, and how far it reaches. The token lives here and is gone with it. */
export function ConnectedWay({ id, server, cluster, hop, hasSignIn }: Props) {
  const [made, setMade] = useState<MadeToken>()
  const way = wayOf(id)
  return (
    <>
      {way.scope !== undefined && (
        <MakeToken
          wanted={{ name: `${way.title}, ${cluster}`.slice(0, 100), scope: way.scope, cluster }}
          made={made}
          hasSignIn={hasSignIn}
          onMade={setMade}
        />
      )}
      <ArrivalTick
        key={made?.id ?? ''}
        way={way}
        cluster={cluster}
        hop={way.hop === undefined ? '' : hop}
        address={baseOf(server)}
        tokenId={made?.id ?? ''}
      />
      <StepList steps={stepsOf(id, { server, cluster, hop, token: made?.token ?? '' })} />
      <VerdictTable id={id} cluster={cluster} />
    </>
  )
}
