/** What sends, or is asked; the names of `SourceName` that are connected here. */
export type WaySource = 'hubble' | 'calico' | 'otlp' | 'nat' | 'kubernetes' | 'dns'

export const WAY_GROUPS = [
  'Cilium',
  'Calico open source',
  'Calico Enterprise and Cloud',
  'OpenTelemetry',
  'NAT evidence',
  'Names and owners',
] as const
export type WayGroup = (typeof WAY_GROUPS)[number]

/** One way of connecting one source. */
export interface Way {
  readonly group: WayGroup
  readonly title: string
  /** What it takes, in a sentence. */
  readonly needs: string
  /** Under which source its records are counted. */
  readonly source: WaySource
  /** The only scope that its sender needs; absent where Postern asks, or listens to whoever reaches it. */
  readonly scope?: 'ingest' | 'nat-evidence'
  /** The usual name of its hop, where its records are of one. */
  readonly hop?: string
  /** Kinds of the collector that reads it. */
  readonly collectors?: readonly string[]
}

/** Every way, by the id that links name. */
export const WAYS = {
  'hubble-exporter': {
    group: 'Cilium',
    title: 'Exporter files, sent by Fluent Bit',
    needs: 'Agents write flows to a file, and a log shipper sends them: nothing is lost while Postern is away.',
    source: 'hubble',
    scope: 'ingest',
  },
  'hubble-relay': {
    group: 'Cilium',
    title: 'Hubble Relay',
    needs: 'Postern asks Relay: nothing to install. Agents keep some minutes only, so a longer break is a gap.',
    source: 'hubble',
    collectors: ['hubble-relay'],
  },
  goldmane: {
    group: 'Calico open source',
    title: 'Goldmane',
    needs: 'Calico 3.30 or newer by operator or Helm, and a client certificate. Goldmane keeps one hour.',
    source: 'calico',
    collectors: ['goldmane'],
  },
  'calico-logs': {
    group: 'Calico Enterprise and Cloud',
    title: 'Flow log files, sent by Fluent Bit',
    needs: 'The files that Felix writes on each node, and a log shipper.',
    source: 'calico',
    scope: 'ingest',
  },
  'calico-syslog': {
    group: 'Calico Enterprise and Cloud',
    title: 'Syslog of the LogCollector',
    needs: 'Postern listens for syslog. TCP acknowledges nothing: a crash may lose a batch.',
    source: 'calico',
    collectors: ['syslog'],
  },
  'calico-s3': {
    group: 'Calico Enterprise and Cloud',
    title: 'S3 archive of the LogCollector',
    needs: 'A bucket, and a machine that copies its files. Records come late; once each, however often they are sent.',
    source: 'calico',
    scope: 'ingest',
  },
  'otel-exporter': {
    group: 'OpenTelemetry',
    title: 'A collector that is there already',
    needs: 'One more exporter and pipeline of an OpenTelemetry Collector.',
    source: 'otlp',
    scope: 'ingest',
  },
  'otel-collector': {
    group: 'OpenTelemetry',
    title: 'A new collector in the cluster',
    needs: 'A Deployment with its own account, which may read pods. Programs send it their traces.',
    source: 'otlp',
    scope: 'ingest',
  },
  'nat-aws': {
    group: 'NAT evidence',
    title: 'AWS: flow log of the NAT gateway',
    needs: 'A flow log of the gateway’s interface with a format of its own; the default one cannot be evidence.',
    source: 'nat',
    scope: 'nat-evidence',
    hop: 'aws-natgw',
  },
  'nat-gcp': {
    group: 'NAT evidence',
    title: 'Google Cloud: log of Cloud NAT',
    needs: 'Logging of translations, and a subscription.',
    source: 'nat',
    scope: 'nat-evidence',
    hop: 'cloud-nat',
  },
  'nat-azure': {
    group: 'NAT evidence',
    title: 'Azure: flow log of a NAT gateway',
    needs: 'A StandardV2 gateway. Its log has no ports, so it hints and never proves.',
    source: 'nat',
    scope: 'nat-evidence',
    hop: 'azure-natgw',
  },
  'nat-node': {
    group: 'NAT evidence',
    title: 'conntrack of a gateway or of nodes',
    needs: 'Root on the machine that translates last, or on the nodes before it.',
    source: 'nat',
    scope: 'nat-evidence',
    hop: 'node',
  },
  kubernetes: {
    group: 'Names and owners',
    title: 'Kubernetes inventory',
    needs: 'A read-only account: which pod had an address, its owner, the YAML of policies.',
    source: 'kubernetes',
    collectors: ['kubernetes'],
  },
  coredns: {
    group: 'Names and owners',
    title: 'CoreDNS queries',
    needs: 'Plugin log in the Corefile, and a log shipper: which pod asked for which name.',
    source: 'dns',
    scope: 'ingest',
  },
} as const satisfies Readonly<Record<string, Way>>
export type WayId = keyof typeof WAYS

/** In the order of the page. */
export const WAY_IDS = Object.keys(WAYS).filter((id): id is WayId => Object.hasOwn(WAYS, id))

export const wayOf = (id: WayId): Way => WAYS[id]
