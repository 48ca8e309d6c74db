'use client'

export default function PageError({ reset }: { error: Error; reset: () => void }) {
  return (
    <main className="mx-auto max-w-xl p-8">
      <h1 className="text-[20px] font-semibold">This page could not be shown</h1>
      <p className="mt-2">The server’s log has the reason.</p>
      <button type="button" className="mt-4 rounded-md border border-(--border) px-3 py-1" onClick={reset}>
        Try again
      </button>
    </main>
  )
}
