'use client'
import { Download } from 'lucide-react'
import { Button } from '@/components/ui/button'
import { Popover, PopoverContent, PopoverTrigger } from '@/components/ui/popover'
import type { FlowCount } from '@/lib/model/flow-list'
import { LIMITS } from '@/lib/model/limits'
import { countWords } from '@/lib/view/flow-words'

/** Files of all records of the view, whatever their number. */
export function ExportMenu({ params, count }: { params: string; count: FlowCount | undefined }) {
  return (
    <Popover>
      <PopoverTrigger asChild>
        <Button>
          <Download aria-hidden size={14} />
          Export
        </Button>
      </PopoverTrigger>
      <PopoverContent aria-label="Export" className="grid w-80 gap-2">
        <p>
          {count ? countWords(count, LIMITS.flowCountRows) : 'All records of the view'}, in the order of the table, with
          every column.
        </p>
        {(
          [
            ['csv', 'CSV', 'for spreadsheets; texts that look like formulas get an apostrophe'],
            ['ndjson', 'NDJSON', 'for programs, with the raw record; its last line says that it is whole'],
          ] as const
        ).map(([format, name, what]) => (
          <p key={format}>
            <a
              href={`/api/flows/export?${params}${params && '&'}format=${format}`}
              download
              className="font-medium text-(--accent) underline"
            >
              Export as {name}
            </a>
            <span className="block text-[12px] text-(--text-muted)">{what}</span>
          </p>
        ))}
      </PopoverContent>
    </Popover>
  )
}
