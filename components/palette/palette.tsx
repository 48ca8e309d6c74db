'use client'
import { useQuery } from '@tanstack/react-query'
import { Command as Cmdk } from 'cmdk'
import { usePathname, useRouter, useSearchParams } from 'next/navigation'
import { Dialog } from 'radix-ui'
import { type ReactNode, useEffect, useMemo, useRef, useState } from 'react'
import { fetchJson } from '@/components/providers/fetch-json'
import { toggleTheme } from '@/components/ui/theme-toggle'
import { chipOf } from '@/lib/model/filter-chip'
import type { PolicyReport } from '@/lib/model/policy-report'
import { SEARCH_BOUNDS, type SearchResult } from '@/lib/model/search-result'
import { type GraphView, parseGraphView, serializeGraphView, windowOnly } from '@/lib/view/graph-view'
import { addPoliciesView, DEFAULT_POLICIES_VIEW } from '@/lib/view/policies-view'
import { filterLines } from '@/lib/view/policy-lines'
import { kindWord, policyTitle } from '@/lib/view/policy-words'
import { type Command, commandsOf, matchingCommands } from './commands'
import { stillFound } from './still-found'

interface Props {
  /** What was typed while it loaded. */
  takeTyped(): string
  onClose(): void
  onHelp(): void
}

const GROUPS: readonly Command['group'][] = ['Pages', 'Graph', 'Time range', 'This page']

/** Search over names, and every command of the page, by keyboard alone. */
export function Palette({ takeTyped, onClose, onHelp }: Props) {
  const [text, setText] = useState('')
  // Once the input is there, keys go to it.
  useEffect(() => setText(takeTyped()), [takeTyped])
  const [said, setSaid] = useState('')
  const input = useRef<HTMLInputElement>(null)
  const router = useRouter()
  const pathname = usePathname()
  const search = useSearchParams().toString()
  const view = useMemo(() => parseGraphView(new URLSearchParams(search)), [search])
  const window = useMemo(() => windowOnly(view), [view])
  const commands = matchingCommands(
    useMemo(() => commandsOf(pathname, search, view, window), [pathname, search, view, window]),
    text,
  )
  const { found, policies, isLooking, problem } = useNames(text, window)
  const open = (href: string) => {
    onClose()
    router.push(href)
  }
  const run = ({ does }: Command) => {
    if (does.what === 'open') open(does.href)
    else if (does.what === 'help') onHelp()
    else if (does.what === 'theme') {
      toggleTheme()
      onClose()
    } else
      void navigator.clipboard.writeText(location.href).then(
        () => onClose(),
        () => setSaid('Copying is not allowed here: copy the address of the page.'),
      )
  }
  const graphWith = (part: Partial<GraphView>) => `/graph?${serializeGraphView({ ...window, scope: 'all', ...part })}`
  const policyLink = (id: string) => {
    const params = addPoliciesView(serializeGraphView(window), { ...DEFAULT_POLICIES_VIEW, open: id })
    return `/policies?${params}`
  }
  return (
    <Dialog.Root open onOpenChange={(isOpen) => !isOpen && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-black/40" />
        <Dialog.Content
          aria-describedby={undefined}
          // What was typed already would be selected, and lost with the next key.
          onOpenAutoFocus={(event) => {
            event.preventDefault()
            input.current?.focus()
          }}
          className="fixed top-[12vh] left-1/2 z-50 w-[min(640px,calc(100vw-2rem))] -translate-x-1/2 overflow-hidden rounded-md border border-(--border) bg-(--surface) shadow-lg outline-none"
        >
          <Dialog.Title className="sr-only">Search and commands</Dialog.Title>
          <Cmdk shouldFilter={false} loop label="Search and commands">
            <Cmdk.Input
              ref={input}
              value={text}
              onValueChange={setText}
              maxLength={SEARCH_BOUNDS.chars}
              placeholder="Go to a page, a workload, a host, a policy, a finding …"
              className="h-11 w-full border-b border-(--border) bg-transparent px-4 text-[14px] outline-none!"
            />
            <Cmdk.List className="max-h-[56vh] overflow-y-auto p-1">
              <Group heading="Workloads and hosts">
                {found.endpoints.map(({ id, label, cluster }) => (
                  <Item
                    key={id}
                    id={`node:${id}`}
                    detail={cluster}
                    onRun={() => open(graphWith({ selected: `node:${id}` }))}
                  >
                    {label}
                  </Item>
                ))}
              </Group>
              <Group heading="Providers">
                {found.providers.map(({ id, name }) => (
                  <Item
                    key={id}
                    id={`provider:${id}`}
                    detail="in the graph"
                    onRun={() => open(graphWith({ chips: [chipOf('either', 'provider', id)] }))}
                  >
                    {name}
                  </Item>
                ))}
              </Group>
              <Group heading="Policies">
                {policies.map((line) => (
                  <Item
                    key={line.id}
                    id={`policy:${line.id}`}
                    detail={`${kindWord(line.kind)}, ${line.cluster}`}
                    onRun={() => open(policyLink(line.id))}
                  >
                    {policyTitle(line)}
                  </Item>
                ))}
              </Group>
              <Group heading="Findings">
                {found.findings.map(({ id, title, status }) => (
                  <Item key={id} id={`finding:${id}`} detail={status} onRun={() => open(`/findings/${id}`)}>
                    {title}
                  </Item>
                ))}
              </Group>
              {GROUPS.map((group) => (
                <Group key={group} heading={group}>
                  {commands
                    .filter((command) => command.group === group)
                    .map((command) => (
                      <Item key={command.id} id={`command:${command.id}`} onRun={() => run(command)}>
                        {command.label}
                      </Item>
                    ))}
                </Group>
              ))}
              <Cmdk.Empty className="px-3 py-2 text-(--text-muted)">
                {isLooking ? 'Looking …' : 'Nothing of that name was ever seen here, and no command matches.'}
              </Cmdk.Empty>
            </Cmdk.List>
          </Cmdk>
          <p role="status" className="border-t border-(--border) px-4 py-1.5 text-[12px] text-(--text-muted)">
            {said ||
              problem ||
              (found.isPartial
                ? 'There are more names than one search looks at: write the filter of the graph instead.'
                : '↑ ↓ to choose, Enter to go, Esc to close')}
          </p>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}

const NOTHING: SearchResult = { endpoints: [], providers: [], findings: [], isPartial: false }

/** What of names the text finds: names on the server, policies in the report of the window, which the policies page shares. */
function useNames(text: string, window: GraphView) {
  const asked = useSettled(text.trim())
  const isEnough = asked.length >= SEARCH_BOUNDS.fewestChars
  const params = serializeGraphView(window).toString()
  const names = useQuery({
    queryKey: ['search', window.dataset, asked],
    queryFn: ({ signal }) =>
      fetchJson<SearchResult>(`/api/search?${new URLSearchParams({ dataset: window.dataset, q: asked })}`, { signal }),
    enabled: isEnough,
    placeholderData: (before) => before,
  })
  const report = useQuery({
    queryKey: ['policies', params],
    queryFn: () => fetchJson<PolicyReport>(`/api/policies${params ? `?${params}` : ''}`),
    enabled: isEnough,
  })
  const now = text.trim()
  const isOfNow = now === asked && !names.isPlaceholderData
  const found = (isEnough && names.data) || NOTHING
  return {
    found: isOfNow ? found : stillFound(found, now),
    policies:
      now.length >= SEARCH_BOUNDS.fewestChars
        ? filterLines(report.data?.lines ?? [], { only: [], kind: '', namespaces: [], text: now }).slice(
            0,
            SEARCH_BOUNDS.results,
          )
        : [],
    isLooking: now !== asked || (isEnough && (names.isFetching || report.isFetching)),
    problem: isEnough && names.error ? `Names could not be searched. ${names.error.message}` : '',
  }
}

/** Of a text that is being written, what stood still for a moment: each letter would be a search of its own. */
function useSettled(text: string): string {
  const [settled, setSettled] = useState(text)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), 120)
    return () => clearTimeout(timer)
  }, [text])
  return settled
}

/** Nothing at all where nothing is in it. */
function Group({ heading, children }: { heading: string; children: readonly ReactNode[] }) {
  if (children.length === 0) return null
  return (
    <Cmdk.Group
      heading={heading}
      className="[&_[cmdk-group-heading]]:px-3 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-[11px] [&_[cmdk-group-heading]]:text-(--text-muted)"
    >
      {children}
    </Cmdk.Group>
  )
}

interface ItemProps {
  readonly id: string
  readonly detail?: string
  onRun(): void
  readonly children: ReactNode
}

function Item({ id, detail, onRun, children }: ItemProps) {
  return (
    <Cmdk.Item
      value={id}
      onSelect={onRun}
      className="flex cursor-pointer items-baseline justify-between gap-4 rounded px-3 py-1.5 data-[selected=true]:bg-(--surface-2) data-[selected=true]:outline data-[selected=true]:outline-(--accent)"
    >
      <span className="min-w-0 break-words">{children}</span>
      {detail && <span className="flex-none text-[12px] text-(--text-muted)">{detail}</span>}
    </Cmdk.Item>
  )
}
