/**
 * Text of a link's parameter, '' without one, cut to a length. It has no NUL: nothing has a name with one, and the database refuses it;
 * and no half of a character, which a cut would leave behind and no link could carry on.
 */
export const linkText = (asked: string | null, maxChars = Number.POSITIVE_INFINITY): string =>
  (asked ?? '')
    .replaceAll('\0', '')
    .slice(0, maxChars)
    .replace(/[\ud800-\udbff]$/, '')
