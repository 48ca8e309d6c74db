import type { EntryIssue } from '@/lib/model/egress-entry'

/**
 * The field of a form that an issue is about, by the place that the server gives it in a file: `egressRules[0].workloads.names[2]` is
 * of `workloads.names`. `root` for what is about the whole entry.
 */
export function fieldOf({ path }: Pick<EntryIssue, 'path'>): string {
  if (/^denyProviders\[\d+\]$/.test(path)) return 'name'
  const field = path.replace(/^\w+\[\d+\]\.?/, '').replace(/\[\d+\].*$/, '')
  // Entries of a map are one field.
  const map =
    /^(map|principals|nodeSelector|workloads\.(?:podLabels|namespaceLabels)|gateway\.(?:podLabels|nodeSelector))\./.exec(
      field,
    )
  return map?.[1] ?? (field || 'root')
}
