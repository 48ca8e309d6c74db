'use client'
import { useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { fetchJson } from '@/components/providers/fetch-json'
import { Button } from '@/components/ui/button'
import type { HostAnswer } from '@/lib/model/provider'
import { hostSentence } from '@/lib/view/provider-words'

/** Asks the catalogue what a host is, as the judge would: for those who wonder why a call is, or is not, called AI. */
export function HostQuestion() {
  const [host, setHost] = useState('')
  const { data, error } = useQuery({
    queryKey: ['providers', 'host', host],
    queryFn: () => fetchJson<HostAnswer>(`/api/providers/host?name=${encodeURIComponent(host)}`),
    enabled: host !== '',
  })
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    setHost(
      String(new FormData(event.currentTarget).get('host') ?? '')
        .trim()
        .slice(0, 253),
    )
  }
  return (
    <form onSubmit={submit} className="flex flex-wrap items-end gap-2">
      <label className="grid gap-1">
        Which provider is this host?
        <input
          name="host"
          placeholder="eu.api.openai.com"
          maxLength={253}
          className="h-7 w-72 rounded-md border border-(--border) bg-(--bg) px-2 font-mono text-[12px]"
        />
      </label>
      <Button type="submit">Ask</Button>
      <p role="status" className="basis-full">
        {error ? error.message : data && hostSentence(data)}
      </p>
    </form>
  )
}
