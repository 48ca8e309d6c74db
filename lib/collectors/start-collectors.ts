import { logger } from '@/lib/observability/logger'
import { forgetOtherCollectors } from '@/lib/usecases/collector-duty'
import type { Collector } from './collector'
import type { CollectorSettings } from './collector-config'
import { createGoldmane } from './goldmane'
import { createGoldmaneNode } from './goldmane-node'
import { createHubbleRelay } from './hubble-relay'
import { createKubernetesCollector } from './kubernetes/kubernetes'
import { supervise } from './supervise'
import { syslogCollector } from './syslog'
import { createWhisker } from './whisker'

export interface CollectorDefaults {
  readonly defaultCluster: string
  /** How old a live record may be. */
  readonly retentionMs: number
  /** How long evidence is kept, and with it what the inventory knew. */
  readonly evidenceMs: number
  /** Name of the Kubernetes node that this process runs on. */
  readonly nodeName?: string
}

/** How each kind of collector is made of its settings. */
type Factories = {
  readonly [Kind in CollectorSettings['kind']]?: (
    settings: Extract<CollectorSettings, { kind: Kind }>,
    defaults: CollectorDefaults,
  ) => Collector
}

const FACTORIES: Factories = {
  'hubble-relay': createHubbleRelay,
  syslog: syslogCollector,
  goldmane: createGoldmane,
  'goldmane-node': createGoldmaneNode,
  whisker: createWhisker,
  kubernetes: createKubernetesCollector,
}

export interface RunningCollectors {
  /** Ends them in order; resolves when all have ended. */
  stop(): Promise<void>
}

/** Starts every collector of the settings, and the listeners given; those of earlier settings are forgotten with their cursors. */
export async function startCollectors(
  settings: readonly CollectorSettings[],
  listeners: readonly Collector[],
  defaults: CollectorDefaults,
): Promise<RunningCollectors> {
  const collectors = [...settings.flatMap((one) => create(one, defaults)), ...listeners]
  await forgetOtherCollectors(collectors.map((collector) => collector.name))
  const ending = new AbortController()
  const all = collectors.map((collector) => supervise(collector, ending.signal))
  return {
    stop: async () => {
      ending.abort()
      await Promise.all(all)
    },
  }
}

function create<Kind extends CollectorSettings['kind']>(
  settings: Extract<CollectorSettings, { kind: Kind }>,
  defaults: CollectorDefaults,
): Collector[] {
  const factory = FACTORIES[settings.kind as Kind]
  if (factory) return [factory(settings, defaults)]
  logger().warn({ collector: settings.name, kind: settings.kind }, 'this kind of collector is not built in')
  return []
}
