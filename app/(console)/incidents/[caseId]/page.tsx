import type { Metadata } from 'next'
import { CasePage } from '@/components/incidents/case-page'

export const metadata: Metadata = { title: 'Incident' }

export default async function Page({ params }: { params: Promise<{ caseId: string }> }) {
  return <CasePage caseId={(await params).caseId} />
}
