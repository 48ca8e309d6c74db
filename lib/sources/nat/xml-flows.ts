/** What may stand around `<flow>` elements: the declaration, the root, and who ended a connection, which is no XML. */
const AROUND = /^(?:<\?xml[^<>]*\?>|<\/?conntrack\s*>|\[USERSPACE\][^<]*|\s)+/

const END = '</flow>'

/** A piece of XML: one whole element, or what is none. */
export type XmlPiece =
  | { readonly flow: string; readonly line: number }
  | { readonly bad: string; readonly line: number }

/**
 * Puts `<flow>` elements together from lines: one a line, as conntrack writes them, several in one line, or one over many
 * lines. Holds at most one unfinished element of `maxChars`, which is looked at again only once its end has come.
 */
export class XmlFlows {
  /** Lines of an unfinished element. */
  private held: string[] = []
  private heldChars = 0
  private startLine = 0

  constructor(private readonly maxChars: number) {}

  /** True while an element is unfinished: the next line belongs to it, whatever it looks like. */
  get isOpen(): boolean {
    return this.held.length > 0
  }

  push(line: string, n: number): XmlPiece[] {
    const own = line.trim()
    if (!this.isOpen) this.startLine = n
    else if (!own.includes(END)) return this.hold(own)
    const pieces: XmlPiece[] = []
    let text = [...this.held, own].join(' ')
    this.drop()
    for (;;) {
      text = text.replace(AROUND, '')
      const end = text.indexOf(END)
      if (end < 0 || !text.startsWith('<flow')) break
      const flow = text.slice(0, end + END.length)
      pieces.push(
        flow.length > this.maxChars ? { bad: 'too long', line: this.startLine } : { flow, line: this.startLine },
      )
      text = text.slice(flow.length)
      this.startLine = n
    }
    if (text.startsWith('<flow')) pieces.push(...this.hold(text))
    else if (text !== '')
      pieces.push({ bad: text.length > this.maxChars ? 'too long' : 'not a flow', line: this.startLine })
    return pieces
  }

  /** An element that never ended. */
  end(): XmlPiece[] {
    const pieces: XmlPiece[] = this.isOpen ? [{ bad: 'cut off', line: this.startLine }] : []
    this.drop()
    return pieces
  }

  private hold(text: string): XmlPiece[] {
    this.held.push(text)
    this.heldChars += text.length + 1
    if (this.heldChars - 1 <= this.maxChars) return []
    this.drop()
    return [{ bad: 'too long', line: this.startLine }]
  }

  private drop(): void {
    this.held = []
    this.heldChars = 0
  }
}
