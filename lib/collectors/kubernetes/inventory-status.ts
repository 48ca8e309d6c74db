import type { CollectorStatus } from '@/lib/model/collector'
import { qualifiedResource, type WatchedKind } from '@/lib/sources/kubernetes/kinds'
import type { KindState } from './watch-kind'

const RBAC = 'Apply deploy/rbac.yaml, or its rules for the account that Postern uses (docs/kubernetes.md).'

/**
 * What the sources page says: connected once pods are watched and stored; every other kind that is not watched, with why.
 */
export function inventoryStatus(
  states: ReadonlyMap<WatchedKind, KindState>,
  address: string | undefined,
  isDatabaseAway = false,
): CollectorStatus {
  const all = [...states]
  const pods = all.find(([{ kind }]) => kind === 'Pod')?.[1] ?? { is: 'starting' as const }
  const missingKinds = all.flatMap(([kind, state]) => {
    const why = kind.kind === 'Pod' ? undefined : whyMissing(kind, state)
    return why ? [{ kind: kind.kind, why }] : []
  })
  const base = {
    ...(address && { address }),
    ...(missingKinds.length > 0 && { missingKinds: missingKinds.slice(0, 40) }),
  }
  if (isDatabaseAway && (pods.is === 'starting' || pods.is === 'watching'))
    return {
      ...base,
      state: 'retrying',
      detail: 'The database is away: changes wait for it, and no more is read than may wait.',
      remedy: 'Nothing is lost; it goes on by itself when the database is back.',
    }
  switch (pods.is) {
    case 'starting':
      return { ...base, state: 'starting', detail: 'reading the cluster' }
    case 'watching': {
      const isAnyForbidden = all.some(([, state]) => state.is === 'forbidden')
      return { ...base, state: 'connected', ...(isAnyForbidden && { remedy: RBAC }) }
    }
    case 'not-installed':
      return {
        ...base,
        state: 'failed',
        detail: 'the server has no pods',
        remedy: 'Check that the address is an API server.',
      }
    case 'forbidden':
      return { ...base, state: 'failed', detail: `pods may not be read: ${pods.why}`, remedy: RBAC }
    case 'unauthorized':
      return {
        ...base,
        state: 'failed',
        detail: `the API server refuses the credentials (401): ${pods.why}`,
        remedy: 'Check the token or certificate of the kubeconfig; a new one is taken up within a minute.',
      }
    case 'failing':
      return {
        ...base,
        state: pods.isLasting ? 'failed' : 'retrying',
        detail: pods.why,
        ...(pods.remedy && { remedy: pods.remedy }),
      }
  }
}

function whyMissing({ resource, apis }: WatchedKind, state: KindState): string | undefined {
  switch (state.is) {
    case 'starting':
    case 'watching':
      return undefined
    case 'not-installed':
      return 'not installed'
    case 'forbidden':
      return `forbidden: allow get, list and watch on ${qualifiedResource(state.api, resource)}`
    case 'unauthorized':
      return 'the credentials are refused'
    case 'failing':
      return `${apis[0] ? qualifiedResource(apis[0], resource) : resource}: ${state.why}`.slice(0, 200)
  }
}
