import type { Metadata } from 'next'
import { EgressPage } from '@/components/egress/egress-page'

export const metadata: Metadata = { title: 'Egress' }

export default function Page() {
  return <EgressPage />
}
