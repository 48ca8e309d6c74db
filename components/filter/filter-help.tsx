'use client'
import { CircleHelp } from 'lucide-react'
import { Button } from '@/components/ui/button'
import { Popover, PopoverContent, PopoverTrigger } from '@/components/ui/popover'
import {
  END_FIELDS,
  END_FLAGS,
  FIELDS,
  type FieldName,
  FLAGS,
  LINK_FLAGS,
  LINK_NUMBERS,
  LINK_TEXTS,
} from '@/lib/filter/fields'
import { EXAMPLES } from '@/lib/filter/presets'

/** The language on one small page: examples, what can be asked, and what each mode does. */
export function FilterHelp() {
  return (
    <Popover>
      <PopoverTrigger asChild>
        <Button size="icon" variant="ghost" aria-label="How expressions are written">
          <CircleHelp aria-hidden size={15} />
        </Button>
      </PopoverTrigger>
      <PopoverContent
        className="grid max-h-[70vh] w-[34rem] max-w-[92vw] gap-3 overflow-y-auto"
        aria-label="How expressions are written"
        tabIndex={0}
      >
        <section>
          <h2 className="font-semibold">Three modes</h2>
          <p>
            <strong>Find</strong> marks what matches and counts it. <strong>Hide</strong> takes away what matches: nodes
            with their edges where only nodes are asked about, edges otherwise. <strong>Focus</strong> keeps what
            matches and its neighbours; <code>+2</code> at the end keeps two hops. Hide wins.
          </p>
        </section>
        <section>
          <h2 className="font-semibold">Examples</h2>
          <dl className="grid gap-1">
            {EXAMPLES.map(({ expression, meaning }) => (
              <div key={expression}>
                <dt className="font-mono text-[12px]">{expression}</dt>
                <dd className="text-(--text-muted)">{meaning}</dd>
              </div>
            ))}
          </dl>
        </section>
        <section>
          <h2 className="font-semibold">Operators</h2>
          <p className="font-mono text-[12px]">
            = != ~ !~ ^= $= &gt; &gt;= &lt; &lt;= in (…) · and or not ( ) · is has no
          </p>
          <p className="text-(--text-muted)">
            ~ contains, ^= begins with, $= ends with. A text with spaces stands in quotes. Case does not count.
          </p>
        </section>
        <Fields title="Of nodes, with src. or dst. before them of one end" names={END_FIELDS} />
        <Fields title="Of edges" names={[...LINK_TEXTS, ...LINK_NUMBERS]} />
        <section>
          <h2 className="font-semibold">Yes or no</h2>
          <dl className="grid grid-cols-[auto_1fr] gap-x-3">
            {[...END_FLAGS, ...LINK_FLAGS].map((flag) => (
              <div key={flag} className="contents">
                <dt className="font-mono text-[12px]">is {flag}</dt>
                <dd className="text-(--text-muted)">{FLAGS[flag].help}</dd>
              </div>
            ))}
          </dl>
        </section>
      </PopoverContent>
    </Popover>
  )
}

function Fields({ title, names }: { title: string; names: readonly FieldName[] }) {
  return (
    <section>
      <h2 className="font-semibold">{title}</h2>
      <dl className="grid grid-cols-[auto_1fr] gap-x-3">
        {names.map((name) => (
          <div key={name} className="contents">
            <dt className="font-mono text-[12px]">{[name, ...FIELDS[name].aliases].join(', ')}</dt>
            <dd className="text-(--text-muted)">{FIELDS[name].help}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}
