import { byPair, edgesOfWorkload, isUnnamed } from './edge-groups'
import { type ClusterDetector, type ClusterFacts, type Detection, type NameFacts, SLOT_MS } from './facts'
import { listed, spoken, times } from './finding-words'
import { detection } from './make-detection'
import { isPlatformNamespace } from './namespaces'

/** 5 min for a flow to follow its name, and 5 more until an aggregating flow log tells it. */
const FLOW_LAG_MS = 10 * 60_000
const CALL_ROLES: ReadonlySet<string> = new Set(['inference', 'control', 'data', 'telemetry', 'hub'])

type AskedName = NameFacts & { readonly workload: { readonly namespace: string; readonly name: string } }

/** D8: a workload was told the address of a provider, and no connection followed. */
export const d8: ClusterDetector = {
  id: 'D8',
  name: 'DNS without flow',
  needs: ['addresses', 'dns'],
  isLearning: false,
  detect: (facts) => [...groupNames(facts).values()].map(detectionOf).sort(byPair),
  isDisproved: ({ workload, target }, facts) =>
    edgesOfWorkload(facts, workload).some(({ server }) => server.provider?.name === target),
}

function groupNames(facts: ClusterFacts): ReadonlyMap<string, readonly AskedName[]> {
  const groups = new Map<string, AskedName[]>()
  for (const name of facts.names) {
    if (!isAsked(name) || !isUnused(name, facts)) continue
    const key = JSON.stringify([`${name.workload.namespace}/${name.workload.name}`, name.provider.name])
    const group = groups.get(key)
    if (group) group.push(name)
    else groups.set(key, [name])
  }
  return groups
}

/** Questions alone tell no address, and caches ask for others: only answers to a known workload count. */
const isAsked = (name: NameFacts): name is AskedName =>
  name.isAnswer &&
  name.workload !== undefined &&
  CALL_ROLES.has(name.provider.role) &&
  !isPlatformNamespace(name.workload.namespace)

/** No edge of the workload, of any protocol, goes to the provider, nor anywhere that nobody could name: it may be that one. */
function isUnused({ workload, provider, lastMs }: AskedName, facts: ClusterFacts): boolean {
  if (lastMs > facts.nowMs - FLOW_LAG_MS) return false
  const { providers, isBeyondNames } = reachOf(facts, `${workload.namespace}/${workload.name}`)
  return !isBeyondNames && !providers.has(provider.id)
}

interface Reach {
  readonly providers: ReadonlySet<string>
  readonly isBeyondNames: boolean
}

const REACHES = new WeakMap<ClusterFacts, Map<string, Reach>>()

/** Whom a workload's edges reach; made once per workload, for it may ask for many names. */
function reachOf(facts: ClusterFacts, workload: string): Reach {
  const all = REACHES.get(facts) ?? new Map<string, Reach>()
  REACHES.set(facts, all)
  const known = all.get(workload)
  if (known) return known
  const servers = edgesOfWorkload(facts, workload).map(({ server }) => server)
  const reach = {
    providers: new Set(servers.flatMap(({ provider }) => provider?.id ?? [])),
    isBeyondNames: servers.some(isUnnamed),
  }
  all.set(workload, reach)
  return reach
}

function detectionOf(names: readonly AskedName[]): Detection {
  const [first] = names
  if (!first) throw new Error('a group of names has at least one')
  const workload = `${first.workload.namespace}/${first.workload.name}`
  const starts = new Set(names.map(({ lastMs }) => Math.floor(lastMs / SLOT_MS) * SLOT_MS))
  const count = names.reduce((sum, name) => sum + name.count, 0)
  return detection({
    workload,
    target: first.provider.name,
    severity: 'info',
    certainty: 'possible',
    title: `${spoken(workload)} asked for ${spoken(first.provider.name)}, and no connection followed.`,
    facts: [`${times(count, 'answer')} for ${listed(names.map(({ host }) => host))}.`],
    disproof: 'A flow of the workload to the provider, which a flow log may tell late or not at all.',
    cause: `dns-only:${first.provider.id}`,
    edgeIds: [],
    shown: {
      kind: 'slots',
      slots: [...starts].sort((a, b) => a - b).map((startMs) => ({ startMs, count: 1 })),
      firstMs: names.reduce((least, { firstMs }) => Math.min(least, firstMs), first.firstMs),
      lastMs: names.reduce((most, { lastMs }) => Math.max(most, lastMs), first.lastMs),
    },
  })
}
