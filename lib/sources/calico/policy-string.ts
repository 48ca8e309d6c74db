import type { PolicyAction, PolicyHit, PolicyKind, PolicyRef } from '@/lib/model/policy'

/** A policy hit and where it stands in its evaluation. */
export interface IndexedHit {
  readonly index: number
  readonly hit: PolicyHit
}
export type ParsedPolicy = (IndexedHit & { readonly warning?: string }) | { readonly fault: string }

const PROFILE_TIER = '__PROFILE__'
const NAME = /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/
const INDEX = /^\d{1,5}$/
const RULE = /^(?:-[12]|\d{1,6})$/
/** Kinds of the new form `<kind>:[<ns>/]<name>`, and which of them are namespaced. */
const CODES: Readonly<Record<string, { readonly kind: PolicyKind; readonly isNamespaced: boolean }>> = {
  np: { kind: 'CalicoNetworkPolicy', isNamespaced: true },
  gnp: { kind: 'GlobalNetworkPolicy', isNamespaced: false },
  snp: { kind: 'StagedNetworkPolicy', isNamespaced: true },
  sgnp: { kind: 'StagedGlobalNetworkPolicy', isNamespaced: false },
  knp: { kind: 'NetworkPolicy', isNamespaced: true },
  sknp: { kind: 'StagedKubernetesNetworkPolicy', isNamespaced: true },
  kcnp: { kind: 'ClusterNetworkPolicy', isNamespaced: false },
  pro: { kind: 'Profile', isNamespaced: false },
}
const CODE_OF = new Map<string, string>(Object.entries(CODES).map(([code, { kind }]) => [kind, code]))
const NEW_FORM = /^(np|gnp|snp|sgnp|knp|sknp|kcnp|pro):(.*)$/
/** Kinds whose names carry their tier as prefix in some versions. Kubernetes' own names never do. */
const TIERED: ReadonlySet<string> = new Set([
  'CalicoNetworkPolicy',
  'GlobalNetworkPolicy',
  'StagedNetworkPolicy',
  'StagedGlobalNetworkPolicy',
])
/** Prefixes that Felix up to 3.31 put before names of policies of other APIs. */
const PROFILE_PREFIX = `${PROFILE_TIER}.`
const SYNTHETIC: ReadonlyMap<string, string> = new Map([
  ['NetworkPolicy', 'knp.default.'],
  ['StagedKubernetesNetworkPolicy', 'knp.default.'],
  ['AdminNetworkPolicy', 'kanp.adminnetworkpolicy.'],
  ['BaselineAdminNetworkPolicy', 'kbanp.baselineadminnetworkpolicy.'],
  ['Profile', PROFILE_PREFIX],
])

const without = (name: string, prefix: string): string =>
  name.startsWith(prefix) && name.length > prefix.length ? name.slice(prefix.length) : name

/**
 * One identity for a policy whatever the version said: no tier prefix (3.30 and 3.31 strip it, 3.32 keeps it), no synthetic
 * prefix, and no tier for profiles.
 */
export function canonicalRef(kind: PolicyKind, namespace: string, tier: string, name: string): PolicyRef {
  if (kind === 'EndOfTier') return { kind, namespace: '', tier, name: '' }
  const bare = without(name, SYNTHETIC.get(kind) ?? '')
  return {
    kind,
    namespace,
    tier: kind === 'Profile' || tier === PROFILE_TIER ? '' : tier,
    name: TIERED.has(kind) ? without(bare, `${tier}.`) : bare,
  }
}

/** Rule -1 means that no rule of the tier matched: the policy named is then only what brought the tier into play. */
export function hitOf(ref: PolicyRef, action: PolicyAction, rule: number): PolicyHit {
  if (rule === -1) return { ...canonicalRef('EndOfTier', '', ref.tier, ''), action, trigger: ref }
  return { ...ref, action, ...(rule >= 0 && { ruleIndex: rule }) }
}

/**
 * A policy hit as text, `<idx>|<tier>|<policy>|<action>|<rule>`, in the form of 3.32 (`np:ns/name`), in the older one
 * (`ns/tier.name`, `tier.staged:name`, `ns/knp.default.name`), and in the oldest of four parts. `warning` says that the
 * name's prefix is another tier, as in the vendor's own example. formats/calico.md §3.2, §4.4
 */
export function parsePolicyString(text: string): ParsedPolicy {
  if (text.length > 1024) return { fault: 'longer than 1024 characters' }
  const parts = text.split('|')
  if (parts.length !== 4 && parts.length !== 5) return { fault: `${parts.length} parts in place of 5` }
  const [index = '', tier = '', policy = '', actionText = '', rule = '-2'] = parts
  if (!INDEX.test(index)) return { fault: 'the index is not a number' }
  if (tier !== PROFILE_TIER && !NAME.test(tier)) return { fault: 'the tier is not a name' }
  if (!RULE.test(rule)) return { fault: 'the rule index is not a number' }
  const action = actionOf(actionText)
  if (!action) return { fault: 'the action is not allow, deny or pass' }
  const parsed = parseRef(tier, policy)
  if ('fault' in parsed) return parsed
  const hit = hitOf(parsed.ref, action, Number(rule))
  return { index: Number(index), hit, ...(parsed.warning && { warning: parsed.warning }) }
}

const actionOf = (text: string): PolicyAction | undefined =>
  text === 'allow' || text === 'deny' || text === 'pass' ? text : undefined

type ParsedRef = { readonly ref: PolicyRef; readonly warning?: string } | { readonly fault: string }

function parseRef(tier: string, policy: string): ParsedRef {
  const [, code, rest] = NEW_FORM.exec(policy) ?? []
  const slash = policy.indexOf('/')
  if (code !== undefined && rest !== undefined) return parseNewForm(tier, code, rest)
  return slash < 0
    ? parseOldForm(tier, '', policy)
    : parseOldForm(tier, policy.slice(0, slash), policy.slice(slash + 1))
}

function parseNewForm(tier: string, code: string, rest: string): ParsedRef {
  const known = CODES[code]
  if (!known) return { fault: 'unknown policy kind' }
  const slash = rest.indexOf('/')
  if (known.isNamespaced !== slash > 0) return { fault: `${code} with${slash > 0 ? '' : 'out'} a namespace` }
  if ((known.kind === 'Profile') !== (tier === PROFILE_TIER)) return { fault: 'a profile stands in no other tier' }
  return named(known.kind, rest.slice(0, Math.max(slash, 0)), tier, rest.slice(slash + 1))
}

function named(kind: PolicyKind, namespace: string, tier: string, name: string, warning?: string): ParsedRef {
  if (!NAME.test(name)) return { fault: 'the policy name is not a name' }
  if (namespace !== '' && !NAME.test(namespace)) return { fault: 'the namespace is not a name' }
  return { ref: canonicalRef(kind, namespace, tier, name), ...(warning && { warning }) }
}

function parseOldForm(tier: string, namespace: string, policy: string): ParsedRef {
  const isNamespaced = namespace !== ''
  if (tier === PROFILE_TIER) {
    const name = without(policy, PROFILE_PREFIX)
    return isNamespaced || name === policy ? { fault: 'no profile name' } : named('Profile', '', tier, name)
  }
  for (const [prefix, kind, home] of FOREIGN) {
    if (!policy.startsWith(prefix)) continue
    const isKubernetes = home === 'default'
    if (tier !== home || isNamespaced !== isKubernetes || !policy.startsWith(`${prefix}${home}.`))
      return { fault: `${prefix} outside tier ${home}` }
    return named(kind, namespace, tier, policy.slice(prefix.length + home.length + 1))
  }
  if (policy.startsWith('staged:')) return parseDocumentedStaged(tier, namespace, policy.slice('staged:'.length))
  if (!policy.startsWith(`${tier}.`)) return { fault: 'the name does not begin with its tier' }
  const name = policy.slice(tier.length + 1)
  if (!name.startsWith('staged:'))
    return named(isNamespaced ? 'CalicoNetworkPolicy' : 'GlobalNetworkPolicy', namespace, tier, name)
  return named(stagedKind(namespace), namespace, tier, name.slice('staged:'.length))
}

const FOREIGN = [
  ['staged:knp.', 'StagedKubernetesNetworkPolicy', 'default'],
  ['knp.', 'NetworkPolicy', 'default'],
  ['kanp.', 'AdminNetworkPolicy', 'adminnetworkpolicy'],
  ['kbanp.', 'BaselineAdminNetworkPolicy', 'baselineadminnetworkpolicy'],
] as const

const stagedKind = (namespace: string): PolicyKind => (namespace ? 'StagedNetworkPolicy' : 'StagedGlobalNetworkPolicy')

/** `staged:tier.name`: only the vendor's page writes it so, there with a prefix of another tier. */
function parseDocumentedStaged(tier: string, namespace: string, name: string): ParsedRef {
  const warning = name.startsWith(`${tier}.`) ? undefined : 'the name does not begin with its tier'
  return named(stagedKind(namespace), namespace, tier, name, warning)
}

/**
 * A hit in the text form of 3.32, with its place in the evaluation: how the evidence shows it. Kinds that 3.32 does not have
 * keep their older form; kinds that we do not know are written by name.
 */
export function formatPolicyString(index: number, hit: PolicyHit): string {
  const ref = hit.trigger ?? hit
  const rule = hit.kind === 'EndOfTier' ? -1 : (hit.ruleIndex ?? -2)
  const tier = ref.kind === 'Profile' ? PROFILE_TIER : hit.tier
  const prefix = CODE_OF.get(ref.kind) ?? SYNTHETIC.get(ref.kind) ?? ref.kind
  const name = `${prefix}${prefix.endsWith('.') ? '' : ':'}${ref.namespace ? `${ref.namespace}/` : ''}${ref.name}`
  return `${index}|${tier}|${name}|${hit.action}|${rule}`
}
