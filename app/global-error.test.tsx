import { renderToStaticMarkup } from 'react-dom/server'
import { expect, it } from 'vitest'
import GlobalError from './global-error'

const pageOf = (digest?: string): string =>
  renderToStaticMarkup(
    <GlobalError error={Object.assign(new Error('secret'), digest && { digest })} reset={() => undefined} />,
  )

it('where all of a page failed, one that needs nothing else says where the reason is and how to go on', () => {
  const page = pageOf('4711')
  expect(page).toContain('<h1>Postern could not show this page</h1>')
  expect(page).toContain('by the number 4711')
  expect(page).toContain('Try again')
  expect(page).toContain('href="/graph"')
  expect(page).toContain('color-scheme:light dark')
  expect(page).not.toMatch(/<link|<script|<img|src=|url\(|secret/)
})

it('what failed in the browser is looked for in its console', () => {
  expect(pageOf()).toContain('whose console has the reason')
})
