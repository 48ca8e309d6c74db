import type { Metadata } from 'next'
import { SettingsPage } from '@/components/settings/settings-page'
import { env } from '@/lib/env'
import { HOUR_MS } from '@/lib/model/units'
import { formatDuration } from '@/lib/view/format'

export const metadata: Metadata = { title: 'Settings' }

/** As the datasets page says it. */
const kept = (hours: number): string => formatDuration(hours * HOUR_MS)

export default function Page() {
  const settings = env()
  return (
    <SettingsPage
      hasSignIn={settings.POSTERN_ADMIN_TOKEN !== undefined}
      facts={[
        ['Embedding is allowed from', settings.POSTERN_EMBED_ORIGINS.join(', ') || 'nowhere (POSTERN_EMBED_ORIGINS)'],
        ['Evidence is kept for', `${kept(settings.POSTERN_RETENTION_HOURS)} (POSTERN_RETENTION_HOURS)`],
        ['Sums of 15 s are kept for', `${kept(settings.POSTERN_RETENTION_15S_HOURS)} (POSTERN_RETENTION_15S_HOURS)`],
        ['Sums of 1 min are kept for', `${kept(settings.POSTERN_RETENTION_1M_HOURS)} (POSTERN_RETENTION_1M_HOURS)`],
        ['Sums of 1 h are kept for', `${kept(settings.POSTERN_RETENTION_1H_HOURS)} (POSTERN_RETENTION_1H_HOURS)`],
        ['Cluster of records that name none', `${settings.POSTERN_CLUSTER} (POSTERN_CLUSTER)`],
        ['Links begin with', settings.POSTERN_PUBLIC_URL ?? 'the address you use (POSTERN_PUBLIC_URL)'],
      ]}
    />
  )
}
