import type { Metadata } from 'next'
import { IncidentsPage } from '@/components/incidents/incidents-page'

export const metadata: Metadata = { title: 'Incidents' }

interface Props {
  readonly searchParams: Promise<Readonly<Record<string, string | string[] | undefined>>>
}

export default async function Page({ searchParams }: Props) {
  const { dataset } = await searchParams
  return <IncidentsPage dataset={typeof dataset === 'string' ? dataset.slice(0, 64) : ''} />
}
