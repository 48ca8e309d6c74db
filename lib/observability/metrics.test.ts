import { describe, expect, it } from 'vitest'
import { count, prometheusText, timed } from './metrics'

describe('metrics', () => {
  it('counters, durations and observations come out as Prometheus text with their help', async () => {
    count('postern_ingest_records', 3, { source: 'hubble', outcome: 'accepted' })
    await timed('postern_graph_query_duration_seconds', {}, async () => undefined)
    const text = await prometheusText([{ name: 'postern_findings_open', value: 2, labels: { detector: 'D0' } }])
    expect(text).toContain('# HELP postern_ingest_records_total Records by source and outcome')
    expect(text).toMatch(/^postern_ingest_records_total\{source="hubble",outcome="accepted"\} 3$/m)
    expect(text).toMatch(/^postern_graph_query_duration_seconds_bucket\{le="0.005"\} 1$/m)
    expect(text).toMatch(/^postern_findings_open\{detector="D0"\} 2$/m)
  })

  it('an observation that is no longer true is no longer told', async () => {
    const text = await prometheusText([])
    expect(text).not.toMatch(/^postern_findings_open\{/m)
  })

  it('text from outside cannot break out of a label', async () => {
    const text = await prometheusText([
      { name: 'postern_source_silent', value: 1, labels: { cluster: 'a"} 1\nevil 1' } },
    ])
    expect(text).not.toMatch(/^evil/m)
  })
})
