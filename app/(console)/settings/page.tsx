import type { Metadata } from 'next'
import { SettingsPage } from '@/components/settings/settings-page'
import { env } from '@/lib/env'

export const metadata: Metadata = { title: 'Settings' }

export default function Page() {
  const settings = env()
  return (
    <SettingsPage
      hasSignIn={settings.POSTERN_ADMIN_TOKEN !== undefined}
      facts={[
        ['Embedding is allowed from', settings.POSTERN_EMBED_ORIGINS.join(', ') || 'nowhere (POSTERN_EMBED_ORIGINS)'],
        ['Evidence is kept for', `${settings.POSTERN_RETENTION_HOURS} h (POSTERN_RETENTION_HOURS)`],
        [
          'Sums are kept for',
          `${settings.POSTERN_RETENTION_15S_HOURS} h by 15 s, ${settings.POSTERN_RETENTION_1M_HOURS} h by the minute, ${settings.POSTERN_RETENTION_1H_HOURS} h by the hour`,
        ],
        ['Cluster of records that name none', `${settings.POSTERN_CLUSTER} (POSTERN_CLUSTER)`],
        ['Links begin with', settings.POSTERN_PUBLIC_URL ?? 'the address you use (POSTERN_PUBLIC_URL)'],
      ]}
    />
  )
}
