import { Fragment } from 'react'
import { type PolicyHit, shownPolicyName } from '@/lib/model/policy'
import { shownText } from '@/lib/model/shown-text'
import { type DefinitionOf, PolicyDefinitionText } from './policy-definition'

interface Props {
  readonly title: string
  /** undefined = not reported. */
  readonly hits: readonly PolicyHit[] | undefined
  /** What is said where the source did not report it. */
  readonly unreported: string
  readonly of?: DefinitionOf
  readonly direction?: 'ingress' | 'egress'
}

const COLUMNS = ['#', 'Name', 'Action', 'Rule', 'Tier', 'Namespace', 'Kind', 'Triggered by'] as const
type Column = (typeof COLUMNS)[number]
/** What no hit tells would push the others out of sight. */
const OPTIONAL: Partial<Readonly<Record<Column, (hit: PolicyHit) => boolean>>> = {
  Rule: ({ ruleIndex }) => ruleIndex !== undefined,
  Tier: ({ tier }) => Boolean(tier),
  'Triggered by': ({ trigger }) => trigger !== undefined,
}

/** One evaluation as the source told it, in order, the last hit being the one that decided. */
export function PolicyTraceTable({ title, hits, unreported, of, direction }: Props) {
  if (!hits) return <p className="text-(--text-muted)">{`${title}: ${unreported}`}</p>
  if (hits.length === 0) return <p className="text-(--text-muted)">{title}: the source states that none applied.</p>
  const columns = COLUMNS.filter((column) => OPTIONAL[column] === undefined || hits.some(OPTIONAL[column]))
  return (
    <div className="min-w-0">
      <section
        // A region that scrolls must be reached by keyboard.
        // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
        tabIndex={0}
        aria-label={title}
        className="overflow-x-auto rounded-md border border-(--border)"
      >
        <table className="w-full text-[12px]">
          <caption className="border-b border-(--border) bg-(--surface-2) px-2 py-0.5 text-left font-medium">
            {title}
          </caption>
          <thead className="text-left text-(--text-muted)">
            <tr>
              {columns.map((column) => (
                <th key={column} scope="col" className="px-1 py-0.5 align-bottom font-normal">
                  {column === '#' ? <abbr title="Policy index: the order of evaluation">#</abbr> : column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {hits.map((hit, index) => (
              <Hit
                // Hits may repeat; their order is what they are.
                // biome-ignore lint/suspicious/noArrayIndexKey: see above
                key={index}
                hit={hit}
                columns={columns}
                index={index}
                isDeciding={index === hits.length - 1}
              />
            ))}
          </tbody>
        </table>
      </section>
      {of &&
        hits.map((hit, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: as above
          <HitDefinition key={index} hit={hit} of={of} {...(direction && { direction })} />
        ))}
    </div>
  )
}

interface HitProps {
  readonly hit: PolicyHit
  readonly columns: readonly Column[]
  readonly index: number
  readonly isDeciding: boolean
}

function Hit({ hit, columns, index, isDeciding }: HitProps) {
  const has = (column: Column) => columns.includes(column)
  const cell = `px-1 py-0.5 align-top ${isDeciding ? 'font-medium' : ''}`
  return (
    <tr className="border-t border-(--border)">
      <td className={cell}>{index}</td>
      <th scope="row" className={`${cell} text-left ${wrapOf(hit.name)} ${isDeciding ? '' : 'font-normal'}`}>
        {hit.kind === 'EndOfTier' ? 'end of tier' : shownText(hit.name)}
        {isDeciding && <span className="font-normal text-(--text-muted)"> decides</span>}
      </th>
      <td className={cell}>{hit.action}</td>
      {has('Rule') && <td className={cell}>{hit.ruleIndex ?? '–'}</td>}
      {has('Tier') && <td className={`${cell} ${wrapOf(hit.tier)}`}>{shownText(hit.tier) || '–'}</td>}
      <td className={`${cell} ${wrapOf(hit.namespace)}`}>{shownText(hit.namespace) || '–'}</td>
      <td className={`${cell} ${wrapOf(wordsOf(hit.kind).join(' '))}`}>
        <Breaking word={shownText(hit.kind)} />
      </td>
      {has('Triggered by') && (
        <td className={`${cell} wrap-anywhere`}>
          {hit.trigger ? `${shownPolicyName(hit.trigger)} (${hit.trigger.kind})` : '–'}
        </td>
      )}
    </tr>
  )
}

const wordsOf = (word: string): readonly string[] => word.split(/(?<=[a-z])(?=[A-Z])/)

/** Only what has no place to break is broken anywhere: a column takes a usual word whole. */
const wrapOf = (text: string): string => (/[^\s-]{21}/.test(text) ? 'wrap-anywhere' : '')

/** A word of several words, which may break between them: kinds are long, and the panel is narrow. */
function Breaking({ word }: { word: string }) {
  return wordsOf(word).map((part, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: parts of one word have no other identity than their place
    <Fragment key={index}>
      {index > 0 && <wbr />}
      {part}
    </Fragment>
  ))
}

/** Of the end of a tier, the text of what brought the tier into play; profiles and the engine's own rules have none. */
function HitDefinition({ hit, of, direction }: { hit: PolicyHit; of: DefinitionOf; direction?: 'ingress' | 'egress' }) {
  const policy = hit.kind === 'EndOfTier' ? hit.trigger : hit
  if (!policy || policy.kind === 'Profile' || policy.kind === 'Implicit') return null
  const mark: DefinitionOf['mark'] =
    hit.kind === 'EndOfTier'
      ? 'selector'
      : direction && {
          direction,
          action: hit.action,
          ...(hit.ruleIndex !== undefined && { ruleIndex: hit.ruleIndex }),
        }
  return <PolicyDefinitionText policy={policy} of={{ ...of, ...(mark && { mark }) }} />
}
