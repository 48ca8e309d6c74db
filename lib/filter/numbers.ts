/** Decimal steps for k, M, G, T; binary ones for Ki, Mi, Gi, Ti. */
const STEPS: Readonly<Record<string, number>> = { '': 0, k: 1, m: 2, g: 3, t: 4 }

/** `443`, `1.5k`, and where it is a size `10MB`, `4KiB`, `100b`: the number, or undefined. Units in any case. */
export function numberOf(text: string, kind: 'count' | 'bytes'): number | undefined {
  const [all, digits, step = '', binary, size] = /^(\d{1,15}(?:\.\d{1,6})?)([kmgt]?)(i?)(b?)$/i.exec(text) ?? []
  if (all === undefined || digits === undefined) return undefined
  if (kind === 'count' && (binary || size)) return undefined
  if (binary && step === '') return undefined
  return Number(digits) * (binary ? 1024 : 1000) ** (STEPS[step.toLowerCase()] ?? 0)
}
