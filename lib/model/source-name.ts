/** Kinds of sources, as coverage, gaps and rejects are counted. Collectors and formats belong to one of them. */
export const SOURCE_NAMES = ['hubble', 'calico', 'otlp', 'nat', 'dns', 'kubernetes'] as const
export type SourceName = (typeof SOURCE_NAMES)[number]
