import { z } from 'zod'

/** Name of a cluster, as a token or the query says it. */
export const CLUSTER_NAME = z.string().trim().min(1).max(128)
/** RFC 1123 label, as Kubernetes asks of a namespace. */
export const NAMESPACE_NAME = z.string().regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, 'not the name of a namespace')
