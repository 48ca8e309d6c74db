import { describe, expect, it } from 'vitest'
import { LIMITS } from '@/lib/model/limits'
import { WATCHED_KINDS } from './kinds'
import { readMeta } from './object-meta'
import { readObject } from './read-object'
import { readPod } from './read-pod'
import { topOwnerOf } from './top-owner'

const NOW = Date.parse('2026-11-24T12:00:00Z')
const metadata = (extra: object = {}) => ({ name: 'n', namespace: 'ml', uid: 'u', resourceVersion: '1', ...extra })
const metaOf = (extra: object) => {
  const meta = readMeta({ metadata: metadata(extra) })
  if (!meta) throw new Error('no metadata')
  return meta
}
const kindOf = (name: string) => {
  const kind = WATCHED_KINDS.find(({ kind }) => kind === name)
  const [api] = kind?.apis ?? []
  if (!kind || !api) throw new Error(`no kind ${name}`)
  return { kind, api }
}
const read = (name: string, object: object) => {
  const { kind, api } = kindOf(name)
  const result = readObject(kind, api, object)
  if (result === 'foreign' || !result) throw new Error('not read')
  return result
}

describe('the top owner of a pod', () => {
  const ownerOf = (uid: string) => (uid === 'rs' ? { kind: 'Rollout', name: 'planner', uid: 'x' } : undefined)
  const controlled = (kind: string, name: string, extra: object = {}) =>
    metaOf({
      ownerReferences: [
        { kind: 'Other', name: 'o', uid: 'o' },
        { kind, name, uid: 'rs?', controller: true },
      ],
      ...extra,
    })

  it.each([
    [
      'what controls its ReplicaSet',
      metaOf({ ownerReferences: [{ kind: 'ReplicaSet', name: 'planner-1', uid: 'rs', controller: true }] }),
      'Rollout planner',
    ],
    [
      'the Deployment by the template hash',
      controlled('ReplicaSet', 'web-5d9c', { labels: { 'pod-template-hash': '5d9c' } }),
      'Deployment web',
    ],
    ['a ReplicaSet of its own', controlled('ReplicaSet', 'web-5d9c'), 'ReplicaSet web-5d9c'],
    [
      'a ReplicaSet that is called like its hash',
      controlled('ReplicaSet', '-5d9c', { labels: { 'pod-template-hash': '5d9c' } }),
      'ReplicaSet -5d9c',
    ],
    ['the CronJob of a run', controlled('Job', 'night-29345671'), 'CronJob night'],
    ['a Job', controlled('Job', 'once'), 'Job once'],
    ['a StatefulSet', controlled('StatefulSet', 'redis'), 'StatefulSet redis'],
    ['a mirror pod itself', controlled('Node', 'node-1'), 'Pod n'],
    ['a bare pod itself', metaOf({}), 'Pod n'],
  ])('is %s', (_name, meta, owner) => {
    const { name, kind } = topOwnerOf(meta, ownerOf)
    expect(`${kind} ${name}`).toBe(owner)
  })
})

describe('a pod', () => {
  const podOf = (status: object, extra: object = {}) =>
    readPod({ metadata: metadata(extra), spec: { hostNetwork: false }, status }, () => undefined, NOW)

  it('has its addresses in one spelling, since its sandbox stood', () => {
    const pod = podOf({
      phase: 'Running',
      startTime: '2026-11-24T11:00:00Z',
      podIP: '::ffff:10.0.0.1',
      podIPs: [{ ip: '10.0.0.1' }, { ip: 'FD00:0::1' }, { ip: 'no address' }, null],
      conditions: [{ type: 'PodReadyToStartContainers', status: 'True', lastTransitionTime: '2026-11-24T11:00:03Z' }],
    })
    expect(pod?.sighting).toMatchObject({ ips: ['10.0.0.1', 'fd00::1'], fromMs: Date.parse('2026-11-24T11:00:03Z') })
  })

  it('ended when its last container did', () => {
    const finished = (finishedAt: string) => ({ state: { terminated: { finishedAt } } })
    const status = {
      phase: 'Failed',
      startTime: '2026-11-24T11:00:00Z',
      containerStatuses: [finished('2026-11-24T11:05:00Z'), finished('2026-11-24T11:04:00Z')],
    }
    expect(podOf(status)).toMatchObject({ isEndKnown: true, sighting: { endedMs: Date.parse('2026-11-24T11:05:00Z') } })
    expect(podOf({ phase: 'Succeeded' })).toMatchObject({ isEndKnown: false })
    expect(podOf({ phase: 'Running' })?.sighting.endedMs).toBeUndefined()
  })

  it('of hostile or broken text is refused or bounded, never thrown at', () => {
    for (const object of [null, [], 'x', {}, { metadata: 1 }, { metadata: { name: 'a' } }])
      expect(readPod(object, () => undefined, NOW)).toBeUndefined()
    const labels = JSON.parse(`{"__proto__":"x","constructor":"y","ok":"${'v'.repeat(2000)}","app":"web"}`)
    const pod = podOf({ startTime: 'never', podIPs: 'x', conditions: {}, containerStatuses: 1 }, { labels })
    expect(pod?.meta.labels).toEqual({ app: 'web' })
    expect(Object.getPrototypeOf(pod?.meta.labels)).toBe(Object.prototype)
  })
})

describe('an object', () => {
  it.each([
    ['CalicoNetworkPolicy', 'platform.deny', { tier: 'platform' }, ['platform', 'deny']],
    ['CalicoNetworkPolicy', 'deny', { tier: 'platform' }, ['platform', 'deny']],
    ['GlobalNetworkPolicy', 'default.deny', {}, ['default', 'deny']],
    ['StagedKubernetesNetworkPolicy', 'knp.default.deny', {}, ['', 'deny']],
    ['NetworkPolicy', 'default.deny', {}, ['', 'default.deny']],
  ])('%s %s has the identity by which flows name it', (kind, name, spec, expected) => {
    const { tier, name: bare } = read(kind, { metadata: metadata({ name }), spec })
    expect([tier, bare]).toEqual(expected)
  })

  it('that Calico lists for another API is left out', () => {
    const { kind, api } = kindOf('CalicoNetworkPolicy')
    expect(readObject(kind, api, { metadata: metadata({ name: 'knp.default.x' }) })).toBe('foreign')
  })

  it('keeps its spec without header values, foreign annotations and managed fields', () => {
    const { body } = read('CiliumNetworkPolicy', {
      metadata: metadata({
        labels: { a: 'b' },
        annotations: { 'egress.projectcalico.org/selector': "egress == 'a'", secret: 'SECRET' },
        managedFields: ['SECRET'],
      }),
      spec: {
        egress: [
          {
            toPorts: [
              {
                rules: {
                  http: [
                    {
                      method: 'GET',
                      headers: ['X-Key: SECRET', 'SECRET'],
                      headerMatches: [{ name: 'K', value: 'SECRET' }],
                    },
                  ],
                },
              },
            ],
          },
        ],
      },
      status: { SECRET: true },
    })
    expect(JSON.stringify(body)).not.toContain('SECRET')
    expect(body).toMatchObject({
      metadata: { annotations: { 'egress.projectcalico.org/selector': "egress == 'a'" } },
      spec: {
        egress: [
          { toPorts: [{ rules: { http: [{ method: 'GET', headers: ['X-Key: (not stored)', '(not stored)'] }] } }] },
        ],
      },
    })
  })

  it.each([
    [
      'HTTPRoute',
      {
        hostnames: ['a'],
        rules: [{ matches: [{ path: { value: '/' }, headers: [{ value: 'SECRET' }] }], filters: ['SECRET'] }],
      },
    ],
    ['EgressGateway', { replicas: 1, template: { spec: 'SECRET' } }],
    ['FelixConfiguration', { natPortRange: '1:2', unknownField: 'SECRET' }],
    ['Service', { clusterIP: '10.0.0.1', healthCheckNodePort: 'SECRET' }],
  ])('%s keeps what is used of it', (kind, spec) => {
    const { body } = read(kind, { metadata: metadata(), spec })
    expect(JSON.stringify(body)).not.toContain('SECRET')
    expect(body?.spec).toBeDefined()
  })

  it('that is too large is kept without its text', () => {
    const spec = { nets: [`${'x'.repeat(LIMITS.inventoryBodyBytes)}`] }
    expect(read('NetworkSet', { metadata: metadata(), spec }).body).toBeUndefined()
    expect(read('NetworkSet', { metadata: metadata(), spec: { nets: [] } }).body).toBeDefined()
  })
})
