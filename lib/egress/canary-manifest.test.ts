import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { z } from 'zod'
import { CANARY_IMAGE, canaryManifest, type WantedCanary } from './canary-manifest'

/** What Kubernetes asks of these objects, and what the restricted Pod Security Standard asks of a pod. */
const labels = z.record(z.string(), z.string().max(63))
const meta = z.strictObject({ name: z.string(), namespace: z.string(), labels })
const podSpec = z.strictObject({
  restartPolicy: z.enum(['Never', 'Always']),
  automountServiceAccountToken: z.literal(false),
  enableServiceLinks: z.literal(false),
  nodeSelector: labels.optional(),
  securityContext: z.strictObject({
    runAsNonRoot: z.literal(true),
    runAsUser: z.number().min(1),
    runAsGroup: z.number().min(1),
    fsGroup: z.number().min(1),
    seccompProfile: z.strictObject({ type: z.literal('RuntimeDefault') }),
  }),
  containers: z
    .array(
      z.strictObject({
        name: z.string(),
        image: z.string(),
        command: z.array(z.string()).min(1),
        args: z.array(z.string()).optional(),
        env: z.array(
          z.union([
            z.strictObject({ name: z.string(), value: z.string() }),
            z.strictObject({
              name: z.string(),
              valueFrom: z.strictObject({ fieldRef: z.strictObject({ fieldPath: z.literal('spec.nodeName') }) }),
            }),
          ]),
        ),
        resources: z.strictObject({
          requests: z.strictObject({ cpu: z.string(), memory: z.string() }),
          limits: z.strictObject({ cpu: z.string(), memory: z.string() }),
        }),
        securityContext: z.strictObject({
          allowPrivilegeEscalation: z.literal(false),
          readOnlyRootFilesystem: z.literal(true),
          capabilities: z.strictObject({ drop: z.tuple([z.literal('ALL')]) }),
        }),
        volumeMounts: z.array(
          z.strictObject({ name: z.literal('token'), mountPath: z.string(), readOnly: z.literal(true) }),
        ),
      }),
    )
    .length(1),
  volumes: z.array(
    z.strictObject({
      name: z.literal('token'),
      secret: z.strictObject({ secretName: z.string(), defaultMode: z.number().max(0o777) }),
    }),
  ),
})
const template = z.strictObject({ metadata: z.strictObject({ labels }), spec: podSpec })
const cronJob = z.strictObject({
  apiVersion: z.literal('batch/v1'),
  kind: z.literal('CronJob'),
  metadata: meta,
  spec: z.strictObject({
    schedule: z.string().regex(/^\*\/\d+ \* \* \* \*$/),
    concurrencyPolicy: z.literal('Forbid'),
    startingDeadlineSeconds: z.number().min(10),
    successfulJobsHistoryLimit: z.number(),
    failedJobsHistoryLimit: z.number(),
    jobTemplate: z.strictObject({
      spec: z.strictObject({
        backoffLimit: z.number(),
        activeDeadlineSeconds: z.number(),
        ttlSecondsAfterFinished: z.number(),
        template,
      }),
    }),
  }),
})
const deployment = z.strictObject({
  apiVersion: z.literal('apps/v1'),
  kind: z.literal('Deployment'),
  metadata: meta,
  spec: z.strictObject({
    replicas: z.literal(1),
    strategy: z.strictObject({ type: z.literal('Recreate') }),
    selector: z.strictObject({ matchLabels: labels }),
    template,
  }),
})
const port = z.strictObject({ protocol: z.enum(['TCP', 'UDP']), port: z.number().int().min(1).max(65535) })
const networkPolicy = z.strictObject({
  apiVersion: z.literal('networking.k8s.io/v1'),
  kind: z.literal('NetworkPolicy'),
  metadata: meta,
  spec: z.strictObject({
    podSelector: z.strictObject({ matchLabels: labels }),
    policyTypes: z.tuple([z.literal('Ingress'), z.literal('Egress')]),
    ingress: z.tuple([]),
    egress: z.array(z.strictObject({ ports: z.array(port).min(1) })),
  }),
})

const WANTED: WantedCanary = {
  namespace: 'ml',
  kind: 'CronJob',
  intervalMinutes: 5,
  image: CANARY_IMAGE,
  postern: 'https://postern.example.com',
  labels: {},
  nodeSelector: {},
}
function read(change: Partial<WantedCanary> = {}) {
  const documents = parseAllDocuments(canaryManifest({ ...WANTED, ...change }))
  const [runner, policy, ...rest] = documents.map((document) => {
    expect('errors' in document ? document.errors : []).toEqual([])
    return 'toJS' in document ? document.toJS() : undefined
  })
  expect(rest).toEqual([])
  return { runner: z.union([cronJob, deployment]).parse(runner), policy: networkPolicy.parse(policy) }
}
const podOf = (runner: ReturnType<typeof read>['runner']) =>
  runner.kind === 'CronJob' ? runner.spec.jobTemplate.spec.template : runner.spec.template

describe('the manifest of a probe', () => {
  it.each<[string, Partial<WantedCanary>]>([
    ['a CronJob', {}],
    ['a Deployment', { kind: 'Deployment' }],
    ['with an echo service', { echo: 'https://echo.example.com/ip' }],
    ['a Deployment with one', { kind: 'Deployment', echo: 'http://echo.example.com:8080' }],
    ['on a node pool, with the labels of a workload', { nodeSelector: { pool: 'gpu' }, labels: { app: 'agent' } }],
  ])('is what Kubernetes takes, and what the restricted Pod Security Standard lets run: %s', (_, change) => {
    const { runner, policy } = read(change)
    expect(runner.metadata.namespace).toBe('ml')
    expect(policy.metadata.namespace).toBe('ml')
    // What lets it out, and what finds it, are its own labels.
    const own = policy.spec.podSelector.matchLabels
    expect(podOf(runner).metadata.labels).toMatchObject({ ...own, ...change.labels })
    if (runner.kind === 'Deployment') expect(runner.spec.selector.matchLabels).toEqual(own)
    expect(podOf(runner).spec.nodeSelector).toEqual(change.nodeSelector)
  })
  it('takes the token from a file of a Secret: it stands in no argument and in no variable', () => {
    for (const change of [{}, { kind: 'Deployment' as const }, { echo: 'https://echo.example.com' }]) {
      const [container] = podOf(read(change).runner).spec.containers
      const all = [...(container?.command ?? []), ...(container?.args ?? [])].join(' ')
      expect(all).toContain('--header @/var/run/postern/authorization')
      expect(JSON.stringify(container)).not.toMatch(/secretKeyRef|Bearer/)
    }
  })
  it('lets the probe out to names and to the ports it needs, and nothing in', () => {
    const { policy } = read({ postern: 'https://postern.example.com:8443', echo: 'http://echo.example.com' })
    expect(policy.spec.egress.flatMap(({ ports }) => ports.map((one) => `${one.protocol} ${one.port}`))).toEqual([
      'UDP 53',
      'TCP 53',
      'TCP 80',
      'TCP 8443',
    ])
  })
  it('asks every so many minutes', () => {
    const { runner } = read({ intervalMinutes: 15 })
    expect(runner.kind === 'CronJob' && runner.spec.schedule).toBe('*/15 * * * *')
    const script = podOf(read({ kind: 'Deployment', intervalMinutes: 10 }).runner).spec.containers[0]?.command[2]
    expect(script).toMatch(/sleep 600; done$/)
  })
  it('a label of the workload cannot take the place of the probe’s own', () => {
    const { runner, policy } = read({ kind: 'Deployment', labels: { 'app.kubernetes.io/name': 'agent' } })
    expect(podOf(runner).metadata.labels).toMatchObject(policy.spec.podSelector.matchLabels)
  })
  it('whatever text comes in stays a value: no document, no key and no command is made of it', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('a\n---\nkind: Pod', '": {x: 1}', '$(id)', '*a', '!!js x'),
    )
    fc.assert(
      fc.property(text, text, (value, image) => {
        const { runner } = read({ labels: { app: value.slice(0, 63) }, image, postern: `https://h/${encodeURI('x')}` })
        expect(podOf(runner).metadata.labels.app).toBe(value.slice(0, 63))
        expect(podOf(runner).spec.containers[0]?.image).toBe(image)
      }),
      { numRuns: 300 },
    )
  })
})
