import type { Metadata } from 'next'
import { ConnectPage } from '@/components/connect/connect-page'
import { env } from '@/lib/env'

export const metadata: Metadata = { title: 'Connect my cluster' }

export default function Page() {
  const { POSTERN_PUBLIC_URL, POSTERN_ADMIN_TOKEN, POSTERN_CLUSTER } = env()
  return (
    <ConnectPage
      publicUrl={POSTERN_PUBLIC_URL ?? ''}
      hasSignIn={POSTERN_ADMIN_TOKEN !== undefined}
      usualCluster={POSTERN_CLUSTER}
    />
  )
}
