import Link from 'next/link'

export default function NotFound() {
  return (
    <main className="mx-auto grid max-w-xl gap-3 p-8">
      <h1 className="text-[20px] font-semibold">There is no such page</h1>
      <p>
        The address is mistyped or cut off, or what it named is gone. Links that were shared are long: copy all of it.
      </p>
      <p>
        <Link className="text-(--accent) underline" href="/graph">
          Open the graph
        </Link>
      </p>
    </main>
  )
}
