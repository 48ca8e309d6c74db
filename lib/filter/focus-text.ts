/** Further away, nearly everything is a neighbour. */
export const MAX_HOPS = 5
const DEFAULT_HOPS = 1

/** `ns = shop +2` in its expression and how many hops around the matches stay; 1 where it does not say, at most 5. */
export function splitHops(text: string): { readonly expression: string; readonly hops: number } {
  const [, expression, hops] = /^(.*?)(?:(?:^|\s)\+(\d{1,3})\s*)?$/s.exec(text) ?? []
  return {
    expression: (expression ?? text).trimEnd(),
    hops: hops === undefined ? DEFAULT_HOPS : Math.min(MAX_HOPS, Number(hops)),
  }
}
