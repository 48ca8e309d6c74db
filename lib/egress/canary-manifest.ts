import { stringify } from 'yaml'
import { CANARY_NAME } from '@/lib/model/canary'

/** What to probe, validated by the caller: names of Kubernetes, URLs of http(s) without credentials. */
export interface WantedCanary {
  readonly namespace: string
  readonly kind: 'CronJob' | 'Deployment'
  /** Minutes between probes, one of CANARY_INTERVALS. */
  readonly intervalMinutes: number
  /** Image with `curl` and, for a Deployment or an echo service, `sh`. */
  readonly image: string
  /** Where probes reach Postern by the way that is to be sampled: without trailing slash. */
  readonly postern: string
  /** Another service that answers the caller's address as plain text. */
  readonly echo?: string
  /** Labels of the workload, so that the policies of its egress select the probe as well. */
  readonly labels: Readonly<Record<string, string>>
  /** Labels of the nodes to run on. */
  readonly nodeSelector: Readonly<Record<string, string>>
}

/** https://hub.docker.com/r/curlimages/curl runs as user 100 and has curl and sh. */
export const CANARY_IMAGE = 'docker.io/curlimages/curl:8.11.1'
const OWN_LABELS = { 'app.kubernetes.io/name': CANARY_NAME } as const
const TOKEN_FILE = '/var/run/postern/authorization'

/**
 * The manifest of a probe, as YAML: what runs it, and the NetworkPolicy that lets it out. Non-root, read-only, without privileges and
 * without a token of the cluster. The header with Postern's token comes from a Secret as a file, so that it stands neither in the
 * manifest, nor in an argument or a variable. The same input gives the same text.
 */
export function canaryManifest(wanted: WantedCanary): string {
  const documents = [wanted.kind === 'CronJob' ? cronJob(wanted) : deployment(wanted), networkPolicy(wanted)]
  return documents.map((document) => stringify(document, { lineWidth: 0, aliasDuplicateObjects: false })).join('---\n')
}

const metadata = ({ namespace }: WantedCanary) => ({ name: CANARY_NAME, namespace, labels: OWN_LABELS })
/** Its own labels last: a Deployment must find its pods by them. */
const podLabels = ({ labels }: WantedCanary) => ({ ...labels, ...OWN_LABELS })

const cronJob = (wanted: WantedCanary) => ({
  apiVersion: 'batch/v1',
  kind: 'CronJob',
  metadata: metadata(wanted),
  spec: {
    schedule: `*/${wanted.intervalMinutes} * * * *`,
    concurrencyPolicy: 'Forbid',
    startingDeadlineSeconds: 60,
    successfulJobsHistoryLimit: 1,
    failedJobsHistoryLimit: 1,
    jobTemplate: {
      spec: {
        backoffLimit: 0,
        activeDeadlineSeconds: 60,
        ttlSecondsAfterFinished: 600,
        template: {
          metadata: { labels: podLabels(wanted) },
          spec: podSpec(wanted, 'Never'),
        },
      },
    },
  },
})

const deployment = (wanted: WantedCanary) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: metadata(wanted),
  spec: {
    replicas: 1,
    strategy: { type: 'Recreate' },
    selector: { matchLabels: OWN_LABELS },
    template: {
      metadata: { labels: podLabels(wanted) },
      spec: podSpec(wanted, 'Always'),
    },
  },
})

function podSpec(wanted: WantedCanary, restartPolicy: 'Never' | 'Always') {
  const { nodeSelector } = wanted
  return {
    restartPolicy,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    ...(Object.keys(nodeSelector).length > 0 && { nodeSelector: { ...nodeSelector } }),
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 65534,
      runAsGroup: 65534,
      fsGroup: 65534,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    containers: [
      {
        name: 'probe',
        image: wanted.image,
        ...commandOf(wanted),
        env: [
          { name: 'NODE_NAME', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
          { name: 'POSTERN', value: wanted.postern },
          ...(wanted.echo ? [{ name: 'ECHO', value: wanted.echo }] : []),
        ],
        resources: { requests: { cpu: '5m', memory: '16Mi' }, limits: { cpu: '100m', memory: '32Mi' } },
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        },
        volumeMounts: [{ name: 'token', mountPath: '/var/run/postern', readOnly: true }],
      },
    ],
    volumes: [{ name: 'token', secret: { secretName: CANARY_NAME, defaultMode: 0o440 } }],
  }
}

/** No proxy: one that the workload does not use would sample another way. */
const CURL = ['curl', '--silent', '--show-error', '--fail-with-body', '--max-time', '20', '--noproxy', '*']
const REPORT = `${CURL.join(' ').replace('*', "'*'")} --request POST --header @${TOKEN_FILE} --url-query "node=$NODE_NAME"`

function commandOf({ kind, echo, intervalMinutes }: WantedCanary) {
  if (kind === 'CronJob' && !echo) {
    // Kubernetes puts the variables in; without a shell an image with curl alone will do.
    const url = '$(POSTERN)/api/canary/probes?node=$(NODE_NAME)'
    return { command: CURL, args: ['--request', 'POST', '--header', `@${TOKEN_FILE}`, url] }
  }
  const url = '"$POSTERN/api/canary/probes"'
  const once = echo
    ? `told=$(${CURL.join(' ').replace('*', "'*'")} "$ECHO") && ${REPORT} --url-query "told=$told" ${url}`
    : `${REPORT} ${url}`
  const script = kind === 'CronJob' ? once : `while true; do { ${once}; } || true; sleep ${intervalMinutes * 60}; done`
  return { command: ['/bin/sh', '-c', script] }
}

/** Where a namespace denies egress, the probe is let out to names and to web ports; in others it takes nothing from anybody. */
const networkPolicy = (wanted: WantedCanary) => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: metadata(wanted),
  spec: {
    podSelector: { matchLabels: OWN_LABELS },
    policyTypes: ['Ingress', 'Egress'],
    ingress: [],
    egress: [
      {
        ports: [
          { protocol: 'UDP', port: 53 },
          { protocol: 'TCP', port: 53 },
        ],
      },
      { ports: portsOf(wanted).map((port) => ({ protocol: 'TCP', port })) },
    ],
  },
})

function portsOf({ postern, echo }: WantedCanary): number[] {
  const ports = [postern, ...(echo ? [echo] : [])].map((text) => {
    const { port, protocol } = new URL(text)
    return port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port)
  })
  return [...new Set(ports)].sort((left, right) => left - right)
}
