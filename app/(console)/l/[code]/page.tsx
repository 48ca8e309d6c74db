import type { Metadata } from 'next'
import { OpenShortLink } from '@/components/links/open-short-link'

export const metadata: Metadata = { title: 'Short link' }

export default async function Page({ params }: { params: Promise<{ code: string }> }) {
  return <OpenShortLink code={(await params).code} />
}
