import 'server-only'
import { type DetectorCase, type Pair, saidOf } from './truth-compare'

interface Row {
  readonly name: string
  readonly right: number
  readonly tooMuch: number
  readonly missed: number
}

/** One row per state of a door and per detector: found rightly, found wrongly, missed; precision and recall. */
export function truthTable(pairs: readonly Pair[], cases: readonly DetectorCase[]): string {
  const states = [...new Set(pairs.flatMap((pair) => [pair.label.state, saidOf(pair)]))].sort()
  const rows = [
    ...states.map((state) =>
      rowOf(
        state,
        pairs.map((pair) => [pair.label.state === state, saidOf(pair) === state]),
      ),
    ),
    ...[...new Set(cases.map(({ detector }) => detector))].sort(byNumber).map((detector) =>
      rowOf(
        detector,
        cases.filter((one) => one.detector === detector).map(({ isExpected, isFound }) => [isExpected, isFound]),
      ),
    ),
  ]
  const head = ['', 'right', 'false', 'missed', 'precision', 'recall']
  const lines = rows.map(({ name, right, tooMuch, missed }) => [
    name,
    String(right),
    String(tooMuch),
    String(missed),
    share(right, right + tooMuch),
    share(right, right + missed),
  ])
  return [head, ...lines]
    .map(([name = '', ...cells]) => `${name.padEnd(16)}${cells.map((cell) => cell.padStart(10)).join('')}`)
    .join('\n')
}

function rowOf(name: string, pairs: readonly (readonly [isExpected: boolean, isFound: boolean])[]): Row {
  const count = (expected: boolean, found: boolean) =>
    pairs.filter(([isExpected, isFound]) => isExpected === expected && isFound === found).length
  return { name, right: count(true, true), tooMuch: count(false, true), missed: count(true, false) }
}

const share = (part: number, whole: number): string => (whole === 0 ? '–' : (part / whole).toFixed(3))

const byNumber = (a: string, b: string): number =>
  Number.parseInt(a.slice(1), 10) - Number.parseInt(b.slice(1), 10) || (a < b ? -1 : 1)
