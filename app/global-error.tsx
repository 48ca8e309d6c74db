'use client'

/** Nothing of the page can be counted on here, not even its stylesheet: all that this page needs is in it. */
const STYLE = `:root{color-scheme:light dark}
body{margin:18vh auto;max-width:36rem;padding:0 1rem;font:14px/1.5 system-ui,sans-serif;background:Canvas;color:CanvasText}
h1{font-size:20px}
button{font:inherit;padding:.3rem .8rem;margin-right:.75rem}`

interface Props {
  readonly error: Error & { digest?: string }
  reset(): void
}

/** Instead of everything, where the frame around all pages threw: what is not lost, where the reason is, and two ways on. */
export default function GlobalError({ error, reset }: Props) {
  return (
    <html lang="en">
      <head>
        <title>Postern could not show this page</title>
        <meta name="viewport" content="width=device-width" />
        <style>{STYLE}</style>
      </head>
      <body>
        <main>
          <h1>Postern could not show this page</h1>
          <p>
            {error.digest
              ? `The server could not make it. Its log has the reason, by the number ${error.digest}.`
              : 'Something in it failed in this browser, whose console has the reason.'}{' '}
            Nothing that was taken in is lost.
          </p>
          <p>
            <button type="button" onClick={reset}>
              Try again
            </button>
            <a href="/graph">Open the graph</a>
          </p>
        </main>
      </body>
    </html>
  )
}
