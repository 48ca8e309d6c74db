import { AI_WORKLOADS } from './catalogue/catalogue'
import type { LabelSignature, WorkloadSignature } from './catalogue/types'

export interface AiRoleMatch {
  readonly role: WorkloadSignature['role']
  /** Signature id, for "how do we know". */
  readonly by: string
  /** True where a label names the product. A port, or a name beside a port, is likely at most. */
  readonly certain: boolean
}

export interface WorkloadTraits {
  readonly labels: Readonly<Record<string, string>>
  /** TCP ports on which the workload was seen as the server. */
  readonly serverPorts?: readonly number[]
  readonly name?: string
}

/** Serve much else beside AI traffic, so that their label alone proves no AI role. */
const NEVER_CERTAIN: ReadonlySet<string> = new Set(['heuristic', 'partial'])
/**
 * Ports that nothing else is known for. 30000 (SGLang) is left out, it is the first Kubernetes NodePort, and so is every
 * port of 8000, 8080, 3000, 80: several products and ordinary services listen there.
 */
const TELLING_PORTS: readonly { readonly ports: readonly number[]; readonly id: string }[] = [
  { ports: [11434], id: 'ollama' },
  { ports: [19530], id: 'milvus' },
  { ports: [6333, 6334], id: 'qdrant' },
  { ports: [8188], id: 'comfyui' },
  { ports: [8265], id: 'kuberay' },
]
const BY_ID = new Map(AI_WORKLOADS.map((signature) => [signature.id, signature]))

/**
 * What kind of AI software a workload is. Order: a label that names the product (certain); a weak label or the product's
 * name as a word of the workload's name, each only beside one of the product's ports (likely); a telling port (likely).
 * A name or an ordinary port alone says nothing. Images are not part of flow records and are not looked at.
 */
export function matchAiWorkload(traits: WorkloadTraits): AiRoleMatch | undefined {
  const ports = new Set(traits.serverPorts ?? [])
  const named = AI_WORKLOADS.find((signature) => signature.labels.some((label) => !label.weak && holds(label, traits)))
  if (named) return { role: named.role, by: named.id, certain: !NEVER_CERTAIN.has(named.evidence) }
  const beside = AI_WORKLOADS.find(
    (signature) =>
      signature.ports.some(({ port }) => ports.has(port)) &&
      (signature.labels.some((label) => holds(label, traits)) || hasWord(traits.name, signature.id)),
  )
  if (beside) return { role: beside.role, by: beside.id, certain: false }
  const telling = TELLING_PORTS.find((entry) => entry.ports.every((port) => ports.has(port)))
  const signature = telling && BY_ID.get(telling.id)
  return signature && { role: signature.role, by: signature.id, certain: false }
}

/** The AI role that labels alone prove, with the signature's id; undefined where they only make one likely. */
export function roleFromLabels(
  labels: Readonly<Record<string, string>>,
): { readonly role: string; readonly by: string } | undefined {
  const match = matchAiWorkload({ labels })
  return match?.certain ? { role: match.role, by: match.by } : undefined
}

function holds(signature: LabelSignature, { labels }: WorkloadTraits): boolean {
  return signature.all.every(({ key, values }) => {
    const value = Object.hasOwn(labels, key) ? labels[key] : undefined
    return value !== undefined && values.some((wanted) => valueHolds(wanted, value))
  })
}

function valueHolds(wanted: string, value: string): boolean {
  return wanted.endsWith('*') ? value.startsWith(wanted.slice(0, -1)) : value === wanted
}

/** `prod-qdrant-0` has the word `qdrant`; `notqdrant` has not. */
function hasWord(name: string | undefined, word: string): boolean {
  return name !== undefined && `-${name.toLowerCase()}-`.includes(`-${word}-`)
}
