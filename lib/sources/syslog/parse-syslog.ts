/** What a syslog message carries. Everything but `content` is data of the sender and proves nothing. */
export interface SyslogMessage {
  /** rfc5424, rfc3164 (as rsyslog and the BSD tools write it, leniently), or a line without header. */
  readonly form: 'rfc5424' | 'rfc3164' | 'bare'
  readonly hostname?: string
  readonly appName?: string
  /** The message itself, without byte order mark. */
  readonly content: string
}

const BOM = '\ufeff'
const PRI = /^<\d{1,3}>/
/** Version, time, host, app, process, message id: seven words that hold no space (RFC 5424 §6). */
const HEADER_5424 = /^<\d{1,3}>[1-9]\d{0,2} (\S{1,64}) (\S{1,255}) (\S{1,128}) (\S{1,128}) (\S{1,128}) /
/** `Nov 24 10:00:00 host tag[123]: `, or the same with an ISO time. */
const HEADER_3164 =
  /^<\d{1,3}>(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT\S{1,40}) (\S{1,255}) ([^\s:[]{1,64})(?:\[[^\]\s]{0,32}\])?:? ?/
/** Longer text is never matched against a header. */
const HEADER_CHARS = 1024

/**
 * The parts of one message. Undefined where nothing can be told from it: an RFC 5424 header whose structured data do not
 * end. Never throws.
 */
export function parseSyslog(bytes: Uint8Array): SyslogMessage | undefined {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
  const head = text.slice(0, HEADER_CHARS)
  const modern = HEADER_5424.exec(head)
  if (modern) {
    const end = endOfStructuredData(text, modern[0].length)
    if (end === undefined) return undefined
    return { form: 'rfc5424', ...names(modern[2], modern[3]), content: contentOf(text.slice(end)) }
  }
  const old = HEADER_3164.exec(head)
  if (old) return { form: 'rfc3164', ...names(old[1], old[2]), content: contentOf(text.slice(old[0].length)) }
  return { form: 'bare', content: contentOf(text.replace(PRI, '')) }
}

const names = (hostname: string | undefined, appName: string | undefined) => ({
  ...(hostname && hostname !== '-' && { hostname }),
  ...(appName && appName !== '-' && { appName }),
})

/** Tools put words before their JSON (`@cee:`, a tag): an object is looked for, and white space and NUL are cut. */
function contentOf(text: string): string {
  const bare = text.replace(/^ /, '').replace(BOM, '')
  const open = bare.indexOf('{')
  return (open > 0 ? bare.slice(open) : bare).replace(/[\s\0]{1,8}$/, '')
}

/** Where structured data end that begin at `from`: `-`, or elements in brackets whose values may hold escaped quotes. */
function endOfStructuredData(text: string, from: number): number | undefined {
  if (text[from] === '-') return from + 1
  if (text[from] !== '[') return undefined
  let at = from
  while (text[at] === '[') {
    const end = endOfElement(text, at + 1)
    if (end === undefined) return undefined
    at = end
  }
  return at
}

function endOfElement(text: string, from: number): number | undefined {
  let isQuoted = false
  for (let at = from; at < text.length; at += 1) {
    const char = text[at]
    if (isQuoted && char === '\\') at += 1
    else if (char === '"') isQuoted = !isQuoted
    else if (char === ']' && !isQuoted) return at + 1
  }
  return undefined
}
