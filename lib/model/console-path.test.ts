import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { consolePath } from './console-path'
import { LIMITS } from './limits'

describe('a path that is stored', () => {
  it.each([
    ['/graph', '/graph'],
    ['/graph?problems=1&v=2', '/graph?problems=1&v=2'],
    ['/graph?f=src.ns%3Dml&q=a%20b#top', '/graph?f=src.ns%3Dml&q=a%20b'],
    ['/incidents/3f6a?x=1', '/incidents/3f6a?x=1'],
    ['/graph?next=https://evil.example', '/graph?next=https://evil.example'],
  ])('%j is a page of the console', (text, path) => expect(consolePath(text)).toBe(path))

  it.each([
    '',
    'graph',
    'https://evil.example/graph',
    '//evil.example/graph',
    '/\\evil.example',
    '/\\/evil.example',
    '/graph/..//evil.example',
    '/graph/../api/tokens',
    '/graph/%2e%2e/api/tokens',
    '/graph/%2f%2fevil.example',
    '/api/tokens',
    '/sign-in',
    '/share/abc',
    '/embed/graph',
    '/l/abcdefghij',
    '/graphs',
    'javascript:alert(1)',
    '/graph\n//evil.example',
    '\t//evil.example',
    '/graph?q=a\tb',
    '/graph\\tokens',
    `/graph?q=${'a'.repeat(LIMITS.linkPathChars)}`,
    `/graph?q=${'é'.repeat(LIMITS.linkPathChars / 4)}`,
  ])('%j is none', (text) => expect(consolePath(text)).toBeUndefined())

  it('never leads a browser to another origin, and stays as it is when it is read again', () => {
    const part = fc.constantFrom(
      '/',
      '\\',
      '//',
      '..',
      '.',
      '%2e',
      '%2f',
      '%5c',
      'graph',
      'evil.example',
      '@',
      ':',
      '?',
      '#',
      '\t',
      ' ',
    )
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
        const path = consolePath(`/graph${parts.join('')}`)
        if (path === undefined) return
        const opened = new URL(path, 'https://postern.example.com')
        expect(opened.origin).toBe('https://postern.example.com')
        expect(consolePath(path)).toBe(path)
      }),
      { numRuns: 2000 },
    )
  })
})
