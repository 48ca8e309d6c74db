interface Call {
  readonly source: string
  readonly target: string
}

/**
 * Ids by the direction of calls: callers before whom they call, as far as circles allow; equals, and where a circle is cut, in the
 * order given. Calls of others do not count. Pure; costs what it is given.
 */
export function flowOrder(ids: readonly string[], calls: Iterable<Call>): string[] {
  const waiting = new Map(ids.map((id) => [id, 0]))
  const callees = new Map<string, string[]>()
  for (const { source, target } of calls) {
    const count = waiting.get(target)
    if (source === target || count === undefined || !waiting.has(source)) continue
    waiting.set(target, count + 1)
    const known = callees.get(source)
    if (known) known.push(target)
    else callees.set(source, [target])
  }
  const ready = ids.filter((id) => waiting.get(id) === 0)
  const taken = new Set<string>()
  const take = (first: string) => {
    taken.add(first)
    for (const callee of callees.get(first) ?? []) {
      const left = (waiting.get(callee) ?? 0) - 1
      waiting.set(callee, left)
      if (left === 0) ready.push(callee)
    }
  }
  for (const id of ready) if (!taken.has(id)) take(id)
  // What is left is on circles, or behind one.
  let done = ready.length
  for (const id of ids) {
    if (!taken.has(id)) take(id)
    for (; done < ready.length; done += 1) {
      const next = ready[done]
      if (next !== undefined && !taken.has(next)) take(next)
    }
  }
  return [...taken]
}
