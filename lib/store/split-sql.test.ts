import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { splitSql } from './split-sql'

const texts = (sql: string) => splitSql(sql).map((statement) => statement.text)

describe('splitSql', () => {
  it('splits at semicolons and leaves out what is empty', () => {
    expect(texts(';; SELECT 1 ;\n\n;SELECT 2')).toEqual(['SELECT 1', 'SELECT 2'])
    expect(texts('-- nothing;\n/* ; */')).toEqual([])
  })

  it.each([
    ["SELECT 'a;b', 'it''s; so'"],
    ["SELECT E'a\\';b', e'\\\\'"],
    ['SELECT ";" FROM "a"";b"'],
    ['CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT 1; $$'],
    ["DO $do$ BEGIN PERFORM $$;$$; PERFORM ';'; END $do$"],
    ['SELECT 1 -- one; two\n + 2'],
    ['SELECT /* a; /* b; */ c; */ 1'],
    ['SELECT a - b / c, $1, tag$1'],
    ["SELECT 'back\\'"],
  ])('does not split within %s', (sql) => {
    expect(texts(`${sql};\nSELECT 2;`)).toEqual([sql, 'SELECT 2'])
  })

  it('says in which line a statement begins, after the comments before it', () => {
    expect(splitSql('-- one\n\nSELECT 1;\n-- two;\n  SELECT\n2').map(({ line }) => line)).toEqual([3, 5])
  })

  it('shows the words without comments and the contents of strings', () => {
    const [statement] = splitSql("ALTER  TABLE /* UPDATE */ a -- DROP\n ADD x text DEFAULT 'UPDATE b'")
    expect(statement?.words).toBe("ALTER TABLE a ADD x text DEFAULT ''")
    expect(splitSql('DO $$ UPDATE b $$')[0]?.words).toBe("DO ''")
  })

  it.each([
    ["\nSELECT 'a", /line 2: a quote/],
    ['SELECT "a', /a quote/],
    ['SELECT $a$ $b$', /\$a\$ has no end/],
    ['/* a /* b */', /a comment/],
    ['CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; END', /\$\$/],
  ])('refuses %j', (sql, message) => {
    expect(() => splitSql(sql)).toThrow(message)
  })

  it('loses nothing but semicolons and what stands between statements', () => {
    const piece = fc.constantFrom('a', ' ', "';'", '"x;"', '$$;$$', '--;\n', '/*;*/', ';', '\n', '$', '-', '/')
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const sql = pieces.join('')
        let found: string[]
        try {
          found = texts(sql)
        } catch {
          return
        }
        let at = 0
        for (const text of found) {
          at = sql.indexOf(text, at)
          expect(at).toBeGreaterThanOrEqual(0)
          at += text.length
        }
        expect(texts(found.join('\n;'))).toEqual(found)
      }),
    )
  })
})
