import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { SharedIncident } from '@/components/share/shared-incident'
import { openShare } from '@/lib/usecases/share-access'

export const metadata: Metadata = {
  title: 'Incident',
  referrer: 'no-referrer',
  robots: { index: false, follow: false },
}

export default async function SharePage({ params }: { params: Promise<{ token: string }> }) {
  const share = await openShare((await params).token)
  // The proxy has answered 410 for a link that ended; what is left was never one.
  if (!share) notFound()
  return <SharedIncident {...share} />
}
