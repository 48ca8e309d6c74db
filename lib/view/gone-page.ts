/** The plain page of a link that has ended: no script, nothing loaded, nothing of what it once showed. */
export const GONE_PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="robots" content="noindex">
<title>This link has ended · Postern</title>
<style>:root{color-scheme:light dark}body{font:14px/1.5 system-ui,sans-serif;max-width:34rem;margin:18vh auto;padding:0 1rem}</style>
<h1>This link has ended</h1>
<p>It was revoked or has expired. Ask whoever sent it for a new one.</p>
</html>
`
