import { Button } from '@/components/ui/button'
import { Chip } from '@/components/ui/chip'
import type { EgressEntry, EgressKind } from '@/lib/model/egress-entry'
import { entrySentence, isOf, KIND_WORDS, PROOF_WORD } from '@/lib/view/egress-words'

interface Props {
  readonly kind: EgressKind
  readonly entries: readonly EgressEntry[]
  onNew(): void
  onEdit(entry: EgressEntry): void
  onDelete(entry: EgressEntry): void
}

const ORIGIN_WORDS: Readonly<Record<EgressEntry['origin'], string>> = {
  file: 'from the file',
  env: 'from the environment',
  api: 'by API',
  ui: 'made here',
}

const NONE: Readonly<Record<EgressKind, string>> = {
  point: 'None: no address is declared as a way out.',
  path: 'None: no path says which NAT is the last, so no NAT log proves a door.',
  rule: 'None: without a rule no door is right or wrong.',
  'denied-provider': 'None: no provider is denied.',
}

/** The four tables stand below each other: their columns stand below each other too. */
const HEADS = [
  ['Name', 'w-[18%]'],
  ['What it says', 'w-[42%]'],
  ['Origin', 'w-[15%]'],
  ['What can be done', 'w-[25%]'],
] as const

/** The entries of one kind: what each says, where it comes from, and what can be done with it. */
export function EntryTable({ kind, entries, onNew, onEdit, onDelete }: Props) {
  const { one, many } = KIND_WORDS[kind]
  const rows = entries.filter((entry) => entry.kind === kind)
  return (
    <section aria-label={many} className="rounded-md border border-(--border) bg-(--surface)">
      <div className="flex items-center gap-3 px-3 py-2">
        <h3 className="font-semibold">{many}</h3>
        <Button size="small" className="ml-auto" onClick={onNew}>
          {kind === 'denied-provider' ? 'Deny a provider' : `New ${one}`}
        </Button>
      </div>
      {rows.length === 0 && (
        <p className="border-t border-(--border) px-3 py-1.5 text-[12px] text-(--text-muted)">{NONE[kind]}</p>
      )}
      {rows.length > 0 && (
        <div className="overflow-x-auto border-t border-(--border)">
          <table className="w-full border-collapse lg:table-fixed text-[12px]">
            <caption className="sr-only">{many}</caption>
            <colgroup>
              {HEADS.map(([title, width]) => (
                <col key={title} className={width} />
              ))}
            </colgroup>
            <thead className="sr-only">
              <tr>
                {HEADS.map(([title]) => (
                  <th key={title} scope="col">
                    {title}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map((entry) => (
                <tr key={entry.name} className="border-b border-(--border) align-top last:border-b-0">
                  <th scope="row" className="px-3 py-1.5 text-left font-medium break-words">
                    {entry.name}
                  </th>
                  <td className="px-3 py-1.5 break-words">
                    {entrySentence(entry)}
                    <RuleRemarks entry={entry} />
                  </td>
                  <td className="px-3 py-1.5">
                    <Chip>{entry.document ? `document ${entry.document}` : ORIGIN_WORDS[entry.origin]}</Chip>
                  </td>
                  <td className={`px-3 text-right ${entry.readOnly ? 'py-1.5' : 'py-1'}`}>
                    {entry.readOnly ? (
                      <span className="text-(--text-muted)">{entry.readOnly}</span>
                    ) : (
                      <span className="inline-flex gap-1.5">
                        {kind !== 'denied-provider' && (
                          <Button size="small" aria-label={`Change ${one} ${entry.name}`} onClick={() => onEdit(entry)}>
                            Change
                          </Button>
                        )}
                        <Button size="small" aria-label={`Delete ${one} ${entry.name}`} onClick={() => onDelete(entry)}>
                          Delete
                        </Button>
                      </span>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  )
}

/** Why a rule is there, until when, and what else is not ordinary about it. */
function RuleRemarks({ entry }: { entry: EgressEntry }) {
  if (!isOf(entry, 'rule')) return null
  const { reason, expiresAt, mode, priority = 0, requireEvidence } = entry.entry
  const until = expiresAt && `${expiresAt.slice(0, 16).replace('T', ' ')} UTC`
  return (
    <span className="mt-0.5 flex flex-wrap items-center gap-1.5 text-(--text-muted) empty:hidden">
      {entry.isExpired && <strong className="font-semibold text-(--text)">Expired, out of force since {until}</strong>}
      {until && !entry.isExpired && <Chip>until {until}</Chip>}
      {mode === 'observe' && <Chip>observed only</Chip>}
      {priority > 0 && <Chip>priority {priority}</Chip>}
      {requireEvidence && requireEvidence !== 'C' && <Chip>proof by {PROOF_WORD[requireEvidence]}</Chip>}
      {reason && <span>Reason: {reason}</span>}
    </span>
  )
}
