import type { SearchResult } from '@/lib/model/search-result'

/**
 * What of an earlier answer the text of now still finds, until its own answer is there: whoever presses Enter meanwhile must not be led to
 * what was asked for before.
 */
export function stillFound(before: SearchResult, text: string): SearchResult {
  const words = text
    .toLowerCase()
    .split(/[\s/]+/)
    .filter(Boolean)
  const holds = (name: string) => words.every((word) => name.toLowerCase().includes(word))
  return {
    ...before,
    endpoints: before.endpoints.filter(({ label }) => holds(label)),
    providers: before.providers.filter(({ id, name }) => holds(`${id} ${name}`)),
    findings: before.findings.filter(({ title }) => holds(title)),
  }
}
