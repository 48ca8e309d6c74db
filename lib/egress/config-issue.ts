/** One thing wrong, or worth a look, in an egress configuration. */
export interface ConfigIssue {
  readonly severity: 'error' | 'warning'
  /** Set where the text is right in itself, and what else is there stands against it. */
  readonly isConflict?: true
  /** Where, as a person writes it: `egressRules[0].providers[1]`; '' for the whole text. */
  readonly path: string
  /** 1-based; absent where the text has no such place. */
  readonly line?: number
  readonly message: string
}

export type IssuePath = readonly (string | number)[]

/** Collects issues and gives each its line, by asking the document for it. */
export class IssueList {
  readonly issues: ConfigIssue[] = []
  readonly #lineAt: (path: IssuePath) => number | undefined

  constructor(lineAt: (path: IssuePath) => number | undefined = () => undefined) {
    this.#lineAt = lineAt
  }

  error(path: IssuePath, message: string): void {
    this.#add('error', path, message)
  }

  warning(path: IssuePath, message: string): void {
    this.#add('warning', path, message)
  }

  conflict(path: IssuePath, message: string): void {
    this.#add('error', path, message, { isConflict: true })
  }

  get hasErrors(): boolean {
    return this.issues.some((issue) => issue.severity === 'error')
  }

  #add(
    severity: ConfigIssue['severity'],
    path: IssuePath,
    message: string,
    rest: Pick<ConfigIssue, 'isConflict'> = {},
  ): void {
    const line = this.#lineAt(path)
    this.issues.push({ severity, path: pathText(path), message, ...(line !== undefined && { line }), ...rest })
  }
}

const pathText = (path: IssuePath): string =>
  path.reduce<string>(
    (text, part) => (typeof part === 'number' ? `${text}[${part}]` : text ? `${text}.${part}` : part),
    '',
  )

/** ` Did you mean a, b?` for the known names nearest to a wrong one, at most three; '' where none is near. */
export function didYouMean(wrong: string, known: Iterable<string>): string {
  const word = wrong.slice(0, 64).toLowerCase()
  const limit = Math.max(2, Math.floor(word.length / 3))
  const near = [...known]
    .map((name) => ({
      name,
      distance: name.startsWith(word) || word.startsWith(name) ? 1 : editDistance(word, name, limit),
    }))
    .filter(({ distance }) => distance <= limit)
    .sort((left, right) => left.distance - right.distance || (left.name < right.name ? -1 : 1))
    .slice(0, 3)
  return near.length ? ` Did you mean ${near.map(({ name }) => name).join(', ')}?` : ''
}

function editDistance(left: string, right: string, limit: number): number {
  if (Math.abs(left.length - right.length) > limit) return limit + 1
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index)
  for (let i = 1; i <= left.length; i++) {
    const row = [i]
    for (let j = 1; j <= right.length; j++) {
      const substitution = (previous[j - 1] ?? 0) + (left[i - 1] === right[j - 1] ? 0 : 1)
      row.push(Math.min(substitution, (previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1))
    }
    previous = row
  }
  return previous[right.length] ?? 0
}
