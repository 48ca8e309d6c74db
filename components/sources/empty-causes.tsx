import Link from 'next/link'
import { CommandBlock } from '@/components/ui/command-block'
import { Prose } from '@/components/ui/prose'
import type { EmptyCause, EmptyHop } from '@/lib/view/why-empty'

const HOP_WORD: Readonly<Record<EmptyHop, string>> = {
  agent: 'At the agent',
  receiver: 'At the receiver',
  reader: 'When it was read',
  database: 'At the database',
  view: 'In the view',
}

/** Why nothing is shown: each cause by where on the way it stands, with its remedy and what shows more. */
export function EmptyCauses({ causes }: { causes: readonly EmptyCause[] }) {
  if (causes.length === 0) return null
  return (
    <ul className="grid w-full grid-cols-1 gap-2" aria-label="Why nothing is shown">
      {causes.map(({ cause, hop, text, remedy, command }) => (
        <li key={text} className="grid grid-cols-1 gap-1">
          <p>
            <span className="text-[12px] text-(--text-muted)">{HOP_WORD[hop]}: </span>
            <strong className="font-medium">{text}</strong>{' '}
            {remedy && (
              <span className="text-(--text-muted)">
                <Prose text={remedy} />
              </span>
            )}{' '}
            {cause === 'no-dataset' && (
              <>
                <Link href="/datasets" className="underline">
                  datasets
                </Link>
                .
              </>
            )}
            {cause === 'never' && (
              <Link href="/connect" className="underline">
                Connect my cluster
              </Link>
            )}
          </p>
          {command && <CommandBlock text={command.replaceAll('ADDRESS', window.location.origin)} />}
        </li>
      ))}
    </ul>
  )
}
