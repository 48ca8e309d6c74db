import 'server-only'
import { CANARY_IMAGE, canaryManifest, type WantedCanary } from '@/lib/egress/canary-manifest'
import { AppError } from '@/lib/errors'
import { CANARY_INTERVALS } from '@/lib/model/canary'

/** The manifest of a probe; with the usual image where none is named. Throws `bad_request` for an interval that cron cannot keep. */
export function canaryManifestOf(
  wanted: Omit<WantedCanary, 'image'> & { readonly image?: string | undefined },
): string {
  if (!CANARY_INTERVALS.some((minutes) => minutes === wanted.intervalMinutes))
    throw new AppError('bad_request', `interval: one of ${CANARY_INTERVALS.join(', ')} minutes`, {
      hint: 'A probe speaks for 15 minutes.',
    })
  return canaryManifest({ ...wanted, image: wanted.image ?? CANARY_IMAGE })
}
