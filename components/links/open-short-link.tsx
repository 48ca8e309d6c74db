'use client'
import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { useRouter } from 'next/navigation'
import { useEffect } from 'react'
import { TopBar } from '@/components/frame/top-bar'
import { fetchJson } from '@/components/providers/fetch-json'
import { consolePath } from '@/lib/model/console-path'

/** Goes where a short link leads, or says that it leads nowhere. */
export function OpenShortLink({ code }: { code: string }) {
  const router = useRouter()
  const { data, error } = useQuery({
    queryKey: ['short-link', code],
    queryFn: () => fetchJson<{ path: string }>(`/api/short-links/${encodeURIComponent(code)}`),
    retry: false,
  })
  const path = data && consolePath(data.path)
  useEffect(() => {
    if (path !== undefined) router.replace(path)
  }, [path, router])
  return (
    <>
      <TopBar title="Short link" />
      <main className="p-4">
        {error ? (
          <>
            <p role="alert">This short link opens nothing: {error.message}</p>
            <p className="mt-2">
              <Link href="/graph" className="underline">
                Open the graph
              </Link>
            </p>
          </>
        ) : (
          <p className="text-(--text-muted)">Opening …</p>
        )}
      </main>
    </>
  )
}
