import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { NO_TOKEN, type WayTarget } from './step'
import { stepsOf } from './way-steps'
import { WAY_IDS, WAYS, type Way, type WayId } from './ways'

const TARGET: WayTarget = {
  server: new URL('https://postern.example.com'),
  cluster: 'prod-eu',
  hop: 'edge-nat',
  token: `pst_0123456789ab_${'x'.repeat(43)}`,
}
const HOSTILE = [
  "x'; touch owned; '",
  '"; touch owned; "',
  '$(touch owned)',
  '`touch owned`',
  'x\n    Header      X-Evil 1',
  '{{ .Values.secret }}',
  `${'$'}{POSTERN_TOKEN}`,
  `${'$'}{env:POSTERN_TOKEN}`,
  '*anchor',
  '# comment',
  'a: b',
  '- a',
  '',
]
const isSender = (id: WayId): boolean => {
  const way: Way = WAYS[id]
  return way.scope !== undefined
}
const yamlOf = (text: string): unknown[] => {
  const documents = parseAllDocuments(text)
  expect(documents.flatMap(({ errors, warnings }) => [...errors, ...warnings])).toEqual([])
  return documents.map((document) => document.toJS())
}
const all = (target: WayTarget) => WAY_IDS.flatMap((id) => stepsOf(id, target).map((step) => ({ id, ...step })))

describe('what is pasted', () => {
  it('every YAML document parses, with the target in it or without', () => {
    for (const target of [TARGET, { ...TARGET, token: '', server: new URL('http://127.0.0.1:3000/base') }])
      for (const { form, text } of all(target))
        if (form === 'yaml') for (const one of yamlOf(text)) expect(one).toBeTypeOf('object')
  })

  it('manifests name a kind, an API and themselves', () => {
    const manifests = all(TARGET).flatMap(({ form, text }) => (form === 'yaml' ? yamlOf(text) : []))
    const kinds = manifests.filter((one) => typeof one === 'object' && one !== null && 'kind' in one)
    expect(kinds.length).toBeGreaterThan(8)
    for (const one of kinds)
      expect(one).toMatchObject({ apiVersion: expect.any(String), metadata: { name: expect.any(String) } })
  })

  it('a configuration inside a manifest parses too, and each pipeline names what is defined', () => {
    const configMap = stepsOf('otel-collector', TARGET)
      .flatMap(({ form, text }) => (form === 'yaml' ? yamlOf(text) : []))
      .find((one): one is { data: Record<string, string> } => typeof one === 'object' && one !== null && 'data' in one)
    const config = yamlOf(configMap?.data['config.yaml'] ?? '')[0] as Record<string, Record<string, unknown>>
    const pipelines = (config.service?.pipelines ?? {}) as Record<string, Record<string, string[]>>
    for (const pipeline of Object.values(pipelines))
      for (const [part, names] of Object.entries(pipeline))
        for (const name of names) expect(config[part]).toHaveProperty([name])
    expect(config.exporters).toMatchObject({
      'otlphttp/postern': {
        traces_endpoint: 'https://postern.example.com/v1/traces',
        headers: { authorization: `Bearer ${'$'}{env:POSTERN_TOKEN}` },
      },
    })
  })

  it.skipIf(!existsSync('/bin/bash'))('every shell text is one that bash reads', () => {
    for (const { form, text } of all(TARGET)) if (form === 'shell') execFileSync('/bin/bash', ['-n', '-c', text])
  })

  it('JSON within commands parses', () => {
    const texts = all(TARGET).flatMap(({ text }) =>
      [...text.matchAll(/'([[{]".*?[}\]])'/g)].map(([, json]) => json ?? ''),
    )
    expect(texts.length).toBeGreaterThanOrEqual(1)
    for (const text of texts) expect(JSON.parse(text)).toBeTypeOf('object')
  })

  it('the token stands where a sender needs one, in a Secret or a variable and nowhere else; without one that is said', () => {
    for (const id of WAY_IDS) {
      const steps = stepsOf(id, TARGET)
      const holding = steps.filter(({ text }) => text.includes(TARGET.token))
      if (!isSender(id)) expect(holding).toEqual([])
      else {
        expect(holding.length).toBeGreaterThanOrEqual(1)
        for (const { text } of holding) expect(text).toMatch(/create secret generic|^export POSTERN_TOKEN=/)
        expect(stepsOf(id, { ...TARGET, token: '' }).some(({ text }) => text.includes(NO_TOKEN))).toBe(true)
      }
    }
  })

  it('names this server, its path below a proxy included, wherever records are sent', () => {
    const server = new URL('https://proxy.example.com:8443/postern/')
    for (const id of WAY_IDS) {
      const text = stepsOf(id, { ...TARGET, server })
        .map((step) => step.text)
        .join('\n')
      if (isSender(id)) expect(text).toMatch(/proxy\.example\.com/)
      if (isSender(id)) expect(text).toMatch(/8443/)
      expect(text).not.toContain('postern.example.com')
    }
    expect(
      stepsOf('hubble-exporter', { ...TARGET, server })
        .map(({ text }) => text)
        .join('\n'),
    ).toContain('URI               /postern/api/ingest/hubble')
  })
})

describe('names from outside', () => {
  it.each(HOSTILE)('%j stays one value of every YAML document', (name) => {
    const shape = (target: WayTarget) =>
      all(target).map(({ form, text }) =>
        form === 'yaml' ? JSON.stringify(yamlOf(text), (_, value) => (typeof value === 'string' ? '' : value)) : '',
      )
    expect(shape({ ...TARGET, cluster: name, hop: name })).toEqual(shape({ ...TARGET, cluster: 'x', hop: 'y' }))
  })

  it.each(HOSTILE)('%j begins no setting, no template and no variable of Fluent Bit', (cluster) => {
    const of = (name: string) =>
      stepsOf('hubble-exporter', { ...TARGET, cluster: name }).find(({ text }) => text.includes('[OUTPUT]'))
    const text = of(cluster)?.text ?? ''
    expect(text.split('\n')).toHaveLength((of('prod')?.text ?? '').split('\n').length)
    expect(text.match(/Header /g)).toHaveLength(2)
    expect(text.match(/\$\{/g)).toHaveLength(1)
    expect(text.replaceAll('{{"{{"}}', '')).not.toContain('{{')
  })

  it.skipIf(!existsSync('/bin/bash')).each(HOSTILE)('%j runs nothing in a shell', (name) => {
    for (const { form, text } of all({ ...TARGET, cluster: name, hop: name }))
      if (form === 'shell') {
        execFileSync('/bin/bash', ['-n', '-c', text])
        // What a shell would run of it: nothing but what stands there for an ordinary name.
        const words = (line: string) => line.match(/\btouch owned\b/g)?.length ?? 0
        const bare = text.replace(/'(?:[^']|'\\'')*'/g, '').replace(/"(?:[^"\\]|\\.)*"/g, '')
        expect(words(bare)).toBe(0)
      }
  })
})
