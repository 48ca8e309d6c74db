import Link from 'next/link'

export default function NotFound() {
  return (
    <main className="mx-auto max-w-xl p-8">
      <h1 className="text-[20px] font-semibold">There is no such page</h1>
      <p className="mt-2">
        <Link className="text-(--accent) underline" href="/graph">
          Open the graph
        </Link>
      </p>
    </main>
  )
}
