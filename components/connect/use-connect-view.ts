'use client'
import { useSearchParams } from 'next/navigation'
import { useCallback, useMemo } from 'react'
import { WAYS, type WayId } from '@/lib/connect/ways'
import { type ConnectView, connectPath, parseConnectView } from '@/lib/view/connect-view'

/** The choice lives in the URL; the token that was made for it does not. */
export function useConnectView(): {
  view: ConnectView
  way: WayId | undefined
  change: (part: Partial<ConnectView>) => void
} {
  const search = useSearchParams()
  const view = useMemo(() => parseConnectView(new URLSearchParams(search.toString())), [search])
  const change = useCallback(
    // The page is the same whatever its address asks for: nothing of it waits for the server.
    (part: Partial<ConnectView>) => window.history.replaceState(null, '', connectPath({ ...view, ...part })),
    [view],
  )
  return { view, way: isWay(view.way) ? view.way : undefined, change }
}

const isWay = (text: string): text is WayId => Object.hasOwn(WAYS, text)
