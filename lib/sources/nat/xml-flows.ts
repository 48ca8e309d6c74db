/** What may stand around `<flow>` elements: the declaration, the root, and who ended a connection, which is no XML. */
const AROUND = /^(?:<\?xml[^<>]*\?>|<\/?conntrack\s*>|\[USERSPACE\][^<]*|\s)+/

/** A piece of XML: one whole element, or what is none. */
export type XmlPiece =
  | { readonly flow: string; readonly line: number }
  | { readonly bad: string; readonly line: number }

/**
 * Puts `<flow>` elements together from lines: one a line, as conntrack writes them, several in one line, or one over many
 * lines. Holds at most one unfinished element of `maxChars`.
 */
export class XmlFlows {
  private rest = ''
  private startLine = 0

  constructor(private readonly maxChars: number) {}

  /** True while an element is unfinished: the next line belongs to it, whatever it looks like. */
  get isOpen(): boolean {
    return this.rest !== ''
  }

  push(line: string, n: number): XmlPiece[] {
    const pieces: XmlPiece[] = []
    if (!this.isOpen) this.startLine = n
    let text = this.isOpen ? `${this.rest} ${line.trim()}` : line.trim()
    for (;;) {
      text = text.replace(AROUND, '')
      const end = text.indexOf('</flow>')
      if (end < 0 || !text.startsWith('<flow')) break
      const flow = text.slice(0, end + '</flow>'.length)
      pieces.push(
        flow.length > this.maxChars ? { bad: 'too long', line: this.startLine } : { flow, line: this.startLine },
      )
      text = text.slice(flow.length)
      this.startLine = n
    }
    if (text !== '' && (!text.startsWith('<flow') || text.length > this.maxChars)) {
      pieces.push({ bad: text.length > this.maxChars ? 'too long' : 'not a flow', line: this.startLine })
      text = ''
    }
    this.rest = text
    return pieces
  }

  /** An element that never ended. */
  end(): XmlPiece[] {
    const pieces: XmlPiece[] = this.isOpen ? [{ bad: 'cut off', line: this.startLine }] : []
    this.rest = ''
    return pieces
  }
}
