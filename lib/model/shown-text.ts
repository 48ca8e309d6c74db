/** Control characters, line ends, lone surrogates, and what turns the direction of the text around it. */
const UNSHOWABLE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u
/** Of names that machines give, also every character without a look of its own: two that differ by one would look the same. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u
const EVERY_UNSEEN = new RegExp(UNSEEN, 'gu')
const SEEN = /[\p{L}\p{N}\p{P}\p{S}]/u

/** Whether a text that a person wrote stays in its line and leaves the text around it as it is. */
export const isShowable = (text: string): boolean => !UNSHOWABLE.test(text)

/** Whether something of a text can be seen: one of blanks and characters without a look is no name. */
export const isSeen = (text: string): boolean => SEEN.test(text)

/**
 * A name from outside as it may stand in a sentence: characters that nobody sees, or that would turn or break the text around them, are
 * written by their code, `⟨U+202E⟩`. Names without one, which is every name of Kubernetes, are as they are.
 */
export const shownText = (name: string): string =>
  UNSEEN.test(name)
    ? name.replace(EVERY_UNSEEN, (char) => {
        const code = (char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')
        return `⟨U+${code}⟩`
      })
    : name

/** JSON of texts from outside, the same JSON: what nobody sees, or turns the text around it, stands in its escapes. */
export const seenJson = (json: string): string =>
  json.replace(EVERY_UNSEEN, (char) =>
    // Between its texts JSON has line ends of its own.
    char === '\n'
      ? char
      : Array.from({ length: char.length }, (_, at) => `\\u${char.charCodeAt(at).toString(16).padStart(4, '0')}`).join(
          '',
        ),
  )
