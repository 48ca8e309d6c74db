import { z } from 'zod'

export const PROVIDER_CATEGORIES = [
  'llm',
  'gateway',
  'image',
  'speech',
  'observability',
  'vectordb',
  'hub',
  'embedding',
] as const
/** Roles of a host that an operator may give; the others only tell parts of bundled vendors apart. */
export const OWN_HOST_ROLES = ['inference', 'control', 'data', 'telemetry', 'hub', 'ui'] as const

const ID = /^[a-z0-9]+(?:-[a-z0-9]+)*$/
const printable = (text: string) => !/\p{Cc}/u.test(text)

/**
 * A provider of the operator's own: a private gateway, LiteLLM on a host of its own, a self-hosted endpoint; or, where `extends` is
 * true, more hosts of a bundled provider (custom domains of Azure OpenAI, say).
 */
export const ownProviderSchema = z.strictObject({
  id: z.string().max(64).regex(ID, 'lower-case letters, digits and single hyphens'),
  extends: z.boolean().default(false),
  name: z.string().trim().max(80).refine(printable, 'has control characters').default(''),
  category: z.enum(PROVIDER_CATEGORIES).default('gateway'),
  hosts: z
    .array(
      z.strictObject({
        host: z.string().trim().toLowerCase().min(1).max(253),
        role: z.enum(OWN_HOST_ROLES).default('inference'),
        /** False where the host serves other traffic, too: then a match is "possible". */
        aiExclusive: z.boolean().default(true),
      }),
    )
    .min(1, 'at least one host is needed')
    .max(100),
  /** How its list of client addresses is set, and where that is written. */
  allowListHow: z.string().trim().max(500).refine(printable, 'has control characters').optional(),
})

export type OwnProvider = z.output<typeof ownProviderSchema>
