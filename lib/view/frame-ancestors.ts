/** Who may frame a page (CSP `frame-ancestors`): embeds by the configured origins, everything else by nobody. */
export const frameAncestors = (pathname: string, embedOrigins: readonly string[]): string =>
  pathname.startsWith('/embed/') && embedOrigins.length > 0 ? embedOrigins.join(' ') : "'none'"
