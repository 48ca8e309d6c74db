'use client'
import Link from 'next/link'
import { detectorSentence, detectorsSentence } from '@/lib/view/finding-words'
import { useDetectorReport } from './use-detectors'

/** Which detectors work, and why the others do not: what no detector looks at cannot be found. */
export function DetectorLine({ dataset = '' }: { dataset?: string }) {
  const report = useDetectorReport(dataset)
  if (!report) return null
  const { detectors } = report
  if (detectors.length === 0)
    return (
      <p className="text-(--text-muted)">
        No detector has looked at anything yet: none runs before a source sends.{' '}
        <Link className="text-(--accent) underline" href="/sources">
          Sources
        </Link>
      </p>
    )
  const away = detectors.filter(({ state }) => state !== 'on')
  const clusters = [...new Set(away.map(({ cluster }) => cluster))]
  const sentence = detectorsSentence(detectors, report.clusters)
  if (away.length === 0) return <p className="text-(--text-muted)">{sentence}</p>
  return (
    <details className="text-(--text-muted)">
      <summary className="cursor-pointer">{sentence}</summary>
      <div className="mt-2 grid gap-2">
        {clusters.map((cluster) => (
          <div key={cluster}>
            <p className="font-medium">cluster {cluster}</p>
            <ul className="list-disc pl-5">
              {away
                .filter((one) => one.cluster === cluster)
                .map((one) => (
                  <li key={one.detector}>{detectorSentence(one)}</li>
                ))}
            </ul>
          </div>
        ))}
        <p>
          What is missing can be connected on{' '}
          <Link className="text-(--accent) underline" href="/sources">
            Sources
          </Link>
          .
        </p>
      </div>
    </details>
  )
}
