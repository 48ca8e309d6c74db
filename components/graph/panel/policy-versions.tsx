import { Part } from '@/components/ui/part'
import { shownPolicyName } from '@/lib/model/policy'
import type { PanelChanges } from '@/lib/model/window-comparison'
import { formatMoment } from '@/lib/view/format'
import { PolicyDefinitionText } from '../policy-definition'

/** Policies of the namespaces at hand, and of the whole cluster, that were added, changed or removed; each with its text of then. */
export function PolicyVersions({ changes }: { changes: PanelChanges }) {
  const { policyVersions, cluster } = changes
  return (
    <Part title="Policies that changed">
      {!policyVersions && (
        <p className="text-(--text-muted)">
          Not known: no Kubernetes inventory of cluster {cluster} was read for these data (docs/kubernetes.md).
        </p>
      )}
      {policyVersions?.length === 0 && (
        <p className="text-(--text-muted)">
          None, in the namespaces of both ends and in the whole cluster, since the window before began.
        </p>
      )}
      <ol className="grid gap-1">
        {policyVersions?.map((version) => (
          <li key={`${version.atMs} ${version.kind} ${shownPolicyName(version)} ${version.tier} ${version.change}`}>
            <p className="wrap-anywhere">
              {formatMoment(version.atMs)}: {shownPolicyName(version)} ({version.kind}){' '}
              <strong>{version.change}</strong>
            </p>
            <PolicyDefinitionText
              policy={version}
              // Of what was removed, the text that was in force until then.
              of={{ cluster, atMs: version.change === 'removed' ? version.atMs - 1 : version.atMs }}
            />
          </li>
        ))}
      </ol>
    </Part>
  )
}
