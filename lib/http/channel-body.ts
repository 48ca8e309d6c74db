import 'server-only'
import { z } from 'zod'
import { appVersion, env, webhookPolicy } from '@/lib/env'
import { DETECTOR_IDS, SEVERITIES } from '@/lib/model/finding'
import { CHANNEL_KINDS } from '@/lib/model/notification'

/** What a channel is made of, as the API takes it. */
export const channelBody = z.strictObject({
  name: z.string().trim().min(1).max(100),
  kind: z.enum(CHANNEL_KINDS),
  url: z.string().trim().min(1).max(2000).optional(),
  secret: z.string().max(500).optional(),
  isEnabled: z.boolean().default(true),
  minSeverity: z.enum(SEVERITIES).default('high'),
  detectors: z.array(z.enum(DETECTOR_IDS)).max(DETECTOR_IDS.length).default([]),
  clusters: z.array(z.string().trim().min(1).max(128)).max(50).default([]),
  withPossible: z.boolean().default(false),
  sendResolved: z.boolean().default(true),
})

/** Where messages of this server may go, and what they say of it. */
export function notifierSettings() {
  const publicUrl = env().POSTERN_PUBLIC_URL
  return { policy: webhookPolicy(), version: appVersion(), ...(publicUrl && { publicUrl }) }
}
