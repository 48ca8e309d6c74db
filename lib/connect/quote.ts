/** For a shell: single quotes hold everything but themselves. Control characters become spaces, but for our own line breaks. */
export const quoteShell = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

/** For a place that is quoted once more: double quotes, with what a shell reads in them escaped. */
export const quoteInner = (text: string): string =>
  `"${printable(text).replace(/[\\"$`]/g, (character) => `\\${character}`)}"`

/** A word of a shell line: as it is where that is safe, else quoted. */
export const shellWord = (text: string): string => (/^[\w.:/@%+=-]+$/.test(text) ? text : quoteShell(printable(text)))

/** A scalar of YAML, for a flow or block value: JSON's text form is one. */
export const yamlScalar = (text: string): string =>
  /^[A-Za-z][\w-]*$/.test(text) && !/^(true|false|null|yes|no|on|off|y|n)$/i.test(text)
    ? text
    : JSON.stringify(printable(text))

/** One line, whatever came in. */
export const printable = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, ' ')
