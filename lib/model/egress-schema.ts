import { z } from 'zod'

/** Names and ids of a config file: bounded text without control characters, never a key of Object.prototype. */
export const entryNameSchema = z
  .string()
  .min(1, 'must not be empty')
  .max(253)
  .refine((text) => !RESERVED.has(text), 'is a reserved word')
  .refine(isPrintable, 'has control characters')

const name = entryNameSchema

const RESERVED: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])

/** True for text without control characters and lone surrogates. */
function isPrintable(text: string): boolean {
  return !/[\p{Cc}\p{Cs}]/u.test(text)
}
const names = z.array(name).max(1000).default([])
const labels = z.record(name, z.string().max(253)).default({})

/** A short text of the operator's, without line ends. */
const remark = z.string().trim().min(1).max(500).refine(isPrintable, 'has control characters')

const source = z.strictObject({
  cidr: z.string().max(64),
  name: name.optional(),
  kind: z.literal('private-link').optional(),
})

/** One rule, as the file writes it. */
export const ruleEntrySchema = z.strictObject({
  name,
  priority: z.number().int().min(0).max(1_000_000).default(0),
  clusters: names,
  workloads: z
    .strictObject({
      namespaces: names,
      namespaceLabels: labels,
      names,
      podLabels: labels,
      serviceAccounts: names,
      aiOnly: z.boolean().default(false),
    })
    .prefault({}),
  providers: names,
  hosts: names,
  egressPoints: names,
  /** One entry may be written as the bare CIDR. */
  sanctionedSources: z
    .array(
      z.union([
        z
          .string()
          .max(64)
          .transform((cidr) => ({ cidr })),
        source,
      ]),
    )
    .max(1000)
    .default([]),
  requireEvidence: z.enum(['A', 'B', 'C']).default('C'),
  mode: z.enum(['observe', 'enforce']).default('enforce'),
  /** With its offset, `2026-12-31T00:00:00Z`: a time without one would mean another moment on each machine. */
  expiresAt: z.iso
    .datetime({ offset: true, error: 'is no ISO time with its offset, such as 2026-12-31T00:00:00Z' })
    .transform((text) => new Date(text).toISOString())
    .optional(),
  reason: remark.optional(),
})

/** Kinds of egress points that an operator can declare. */
export const POINT_KINDS = ['nat-gateway', 'egress-gateway', 'node', 'direct', 'private-link'] as const

const cidrs = z.array(z.string().max(64)).max(1000)

/** One egress point, as the file writes it. */
export const pointEntrySchema = z.strictObject({
  name,
  kind: z.enum(POINT_KINDS).default('nat-gateway'),
  publicCidrs: cidrs.min(1, 'At least one public address is needed: it is what a provider sees.'),
  privateCidrs: cidrs.optional(),
  gateway: z
    .strictObject({ namespace: name.optional(), podLabels: labels.optional(), nodeSelector: labels.optional() })
    .optional(),
  clusters: names.optional(),
})

/** One path, as the file writes it. */
export const pathEntrySchema = z.strictObject({
  name,
  clusters: names,
  nodeSelector: labels,
  hops: z.array(name).min(1, 'At least one hop is needed.').max(8),
  final: name,
  map: z.record(z.string().max(45), z.string().max(45)).default({}),
  /** Who calls as whom: caller of a provider's audit, exact or `prefix*` → `namespace/workload`. */
  principals: z.record(z.string().min(4).max(512), z.string().max(507)).default({}),
})

/** The file's shape: nat-evidence §3.3, and `egressPoints` as in the architecture. Unknown keys are errors. */
export const egressFileSchema = z.strictObject({
  egressRules: z.array(ruleEntrySchema).max(1000).default([]),
  egressPoints: z.array(pointEntrySchema).max(1000).default([]),
  paths: z.array(pathEntrySchema).max(1000).default([]),
  denyProviders: names,
  /** Belongs to lib/collectors, which checks it. */
  collectors: z.unknown().optional(),
})

export type EgressFile = z.infer<typeof egressFileSchema>
export type RuleEntry = EgressFile['egressRules'][number]
export type PointEntry = EgressFile['egressPoints'][number]
export type PathEntry = EgressFile['paths'][number]
/** What a form or a request gives, before defaults. */
export type PointInput = z.input<typeof pointEntrySchema>
export type PathInput = z.input<typeof pathEntrySchema>
export type RuleInput = z.input<typeof ruleEntrySchema>
