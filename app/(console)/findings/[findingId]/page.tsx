import type { Metadata } from 'next'
import { FindingPage } from '@/components/incidents/finding-page'

export const metadata: Metadata = { title: 'Finding' }

export default async function Page({ params }: { params: Promise<{ findingId: string }> }) {
  return <FindingPage findingId={(await params).findingId} />
}
