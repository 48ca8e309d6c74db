import Link from 'next/link'

/** Instead of a finding or an incident that does not exist, with the way to those that do: asking again gives the same answer. */
export function NoSuch({ what }: { what: 'finding' | 'incident' }) {
  return (
    <div role="alert" className="grid justify-items-start gap-2">
      <p>There is no such {what}. Its link may be mistyped, or of another Postern.</p>
      <Link className="text-(--accent) underline" href="/incidents">
        Look at all {what}s
      </Link>
    </div>
  )
}
