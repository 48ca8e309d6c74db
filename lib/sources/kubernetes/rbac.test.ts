import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { z } from 'zod'
import { WATCHED_KINDS } from './kinds'

const root = path.resolve(import.meta.dirname, '../../..')
const clusterRole = z.object({
  kind: z.literal('ClusterRole'),
  rules: z.array(
    z.strictObject({ apiGroups: z.array(z.string()), resources: z.array(z.string()), verbs: z.array(z.string()) }),
  ),
})

describe('deploy/rbac.yaml', () => {
  const documents = parseAllDocuments(readFileSync(path.join(root, 'deploy/rbac.yaml'), 'utf8')).map((one) =>
    one.toJS(),
  )
  const role = documents.map((one) => clusterRole.safeParse(one)).find((one) => one.success)?.data

  it('lets Postern get, list and watch exactly what it reads, and nothing more', () => {
    const allowed = role?.rules.flatMap(({ apiGroups, resources }) =>
      apiGroups.flatMap((group) => resources.map((resource) => `${group}/${resource}`)),
    )
    const read = WATCHED_KINDS.flatMap(({ apis, resource, isTiered }) =>
      apis.flatMap(({ group }) => [
        `${group}/${resource}`,
        // Calico's API server asks for the tier's own permission beside that on the policies.
        ...(isTiered && group === 'projectcalico.org' ? [`${group}/tier.${resource}`] : []),
      ]),
    )
    expect([...new Set(allowed)].sort()).toEqual([...new Set(read)].sort())
    expect(new Set(role?.rules.flatMap(({ verbs }) => verbs))).toEqual(new Set(['get', 'list', 'watch']))
  })

  it('reads no Secret and no ConfigMap', () => {
    expect(WATCHED_KINDS.filter(({ resource }) => /secret|configmap/.test(resource))).toEqual([])
  })

  it('docs/kubernetes.md names every kind', () => {
    const text = readFileSync(path.join(root, 'docs/kubernetes.md'), 'utf8')
    expect(WATCHED_KINDS.filter(({ resource }) => !text.includes(`\`${resource}\``))).toEqual([])
  })
})
