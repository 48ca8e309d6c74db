import { every, type KnownLabels, labelOf, type Maybe, not, some } from './known-labels'

/** Longer selectors, and deeper ones, are not read: then it is not known whether they hold. */
const MAX_CHARS = 8192
const MAX_DEPTH = 32

/** `'text'`, `"text"`, a label key, or an operator. */
const TOKEN = /\s*(?:'([^']*)'|"([^"]*)"|(&&|\|\||==|!=|[!(){},])|([A-Za-z0-9_./-]+))/y

type Token = { readonly is: 'text' | 'mark' | 'word'; readonly value: string }

/**
 * Whether a selector of Calico holds for these labels: `all()`, `global()`, `has(k)`, `k == 'v'`, `!=`, `in {…}`, `not in {…}`,
 * `contains`, `starts with`, `ends with`, `!`, `&&`, `||`, brackets. The empty selector is `all()`. `undefined` where a label is not known, or
 * the selector cannot be read. https://docs.tigera.io/calico/latest/reference/resources/networkpolicy#selectors
 */
export function matchesCalicoSelector(selector: string, labels: KnownLabels): Maybe {
  if (selector.trim() === '') return true
  const tokens = selector.length > MAX_CHARS ? undefined : tokensOf(selector)
  if (!tokens) return undefined
  try {
    const parser = new SelectorParser(tokens, labels)
    return parser.whole()
  } catch (error) {
    if (error instanceof UnreadableSelector) return undefined
    throw error
  }
}

class UnreadableSelector extends Error {}

function tokensOf(text: string): Token[] | undefined {
  const tokens: Token[] = []
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < text.length) {
    const from = TOKEN.lastIndex
    const match = TOKEN.exec(text)
    if (!match) return /^\s*$/.test(text.slice(from)) ? tokens : undefined
    const [, single, double, mark, word] = match
    if (mark !== undefined) tokens.push({ is: 'mark', value: mark })
    else if (word !== undefined) tokens.push({ is: 'word', value: word })
    else tokens.push({ is: 'text', value: single ?? double ?? '' })
  }
  return tokens
}

/** Reads and decides in one pass; `&&` binds more than `||`. */
class SelectorParser {
  private at = 0
  private depth = 0

  constructor(
    private readonly tokens: readonly Token[],
    private readonly labels: KnownLabels,
  ) {}

  whole(): Maybe {
    const value = this.either()
    if (this.at < this.tokens.length) throw new UnreadableSelector()
    return value
  }

  private either(): Maybe {
    const values = [this.both()]
    while (this.takes('||')) values.push(this.both())
    return some(values)
  }

  private both(): Maybe {
    const values = [this.one()]
    while (this.takes('&&')) values.push(this.one())
    return every(values)
  }

  private one(): Maybe {
    let isNegated = false
    while (this.takes('!')) isNegated = !isNegated
    const value = this.takes('(') ? this.inBrackets() : this.term()
    return isNegated ? not(value) : value
  }

  private inBrackets(): Maybe {
    this.depth += 1
    if (this.depth > MAX_DEPTH) throw new UnreadableSelector()
    const value = this.either()
    this.needs(')')
    this.depth -= 1
    return value
  }

  private term(): Maybe {
    const key = this.word()
    if (this.takes('(')) return this.call(key)
    const value = labelOf(this.labels, key)
    if (this.takes('==')) return this.compare(value, (own, wanted) => own === wanted)
    if (this.takes('!=')) return not(this.compare(value, (own, wanted) => own === wanted))
    const operator = this.word()
    if (operator === 'in') return isThat(value, this.isIn())
    if (operator === 'contains') return this.compare(value, (own, wanted) => own.includes(wanted))
    const second = this.word()
    if (operator === 'not' && second === 'in') return not(isThat(value, this.isIn()))
    if (operator === 'starts' && second === 'with') return this.compare(value, (own, wanted) => own.startsWith(wanted))
    if (operator === 'ends' && second === 'with') return this.compare(value, (own, wanted) => own.endsWith(wanted))
    throw new UnreadableSelector()
  }

  private call(name: string): Maybe {
    if (name === 'has') {
      const value = labelOf(this.labels, this.word())
      this.needs(')')
      return value === undefined ? undefined : value !== null
    }
    this.needs(')')
    if (name === 'all') return true
    if (name === 'global') return false
    throw new UnreadableSelector()
  }

  private compare(value: string | null | undefined, test: (own: string, wanted: string) => boolean): Maybe {
    const wanted = this.text()
    return isThat(value, (own) => test(own, wanted))
  }

  private isIn(): (own: string) => boolean {
    const values: string[] = []
    this.needs('{')
    if (!this.takes('}')) {
      do values.push(this.text())
      while (this.takes(','))
      this.needs('}')
    }
    return (own) => values.includes(own)
  }

  private takes(mark: string): boolean {
    const token = this.tokens[this.at]
    if (token?.is !== 'mark' || token.value !== mark) return false
    this.at += 1
    return true
  }

  private needs(mark: string): void {
    if (!this.takes(mark)) throw new UnreadableSelector()
  }

  private word(): string {
    return this.next('word')
  }

  private text(): string {
    return this.next('text')
  }

  private next(is: Token['is']): string {
    const token = this.tokens[this.at]
    if (token?.is !== is) throw new UnreadableSelector()
    this.at += 1
    return token.value
  }
}

const isThat = (value: string | null | undefined, test: (own: string) => boolean): Maybe =>
  value === undefined ? undefined : value !== null && test(value)
