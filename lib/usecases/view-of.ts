import 'server-only'

const PAD_MS = 60_000

/** Path and query that open the graph on records of these times, a minute wider on both sides. */
export function viewOf(span: { readonly firstMs: number; readonly lastMs: number }, dataset: string): string {
  const params = new URLSearchParams({
    from: String(span.firstMs - PAD_MS),
    to: String(span.lastMs + PAD_MS),
    scope: 'all',
  })
  if (dataset) params.set('dataset', dataset)
  return `/graph?${params}`
}
