import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { mapSnippet, pathSnippet, principalSnippet, ruleSnippet } from './config-snippets'
import { corednsSnippet, hubbleDnsSnippet, kubernetesSnippet } from './name-snippets'

const HOSTILE = [
  'x\n    Header      X-Evil 1',
  '"; - evil',
  "'{{",
  '*anchor',
  '!!js/function',
  '# comment',
  'a: b',
  '- a',
  '',
]
const server = new URL('https://postern.example.com')

describe('names in what is pasted', () => {
  it.each(HOSTILE)('%j begins no setting of Fluent Bit of its own', (cluster) => {
    const { command } = corednsSnippet({ server, cluster })
    expect(command.match(/^ +Header /gm)).toHaveLength(1)
    expect(command.split('\n')).toHaveLength(corednsSnippet({ server, cluster: 'prod' }).command.split('\n').length)
  })

  it.each(HOSTILE)('%j is one value of YAML', (name) => {
    const oneLine = name.replace(/\n/g, ' ')
    expect(parse(kubernetesSnippet({ server, cluster: name }).command).collectors[0].cluster).toBe(oneLine)
    expect(parse(hubbleDnsSnippet(name).command).metadata.namespace).toBe(oneLine)
    expect(parse(pathSnippet(name, name).command).paths).toEqual([
      { name: oneLine, clusters: [oneLine], hops: ['node', oneLine], final: oneLine },
    ])
    expect(parse(principalSnippet(name, { namespace: 'a', name: 'b' }).command).paths[0].name).toBe(oneLine)
    expect(parse(ruleSnippet(name, 'openai').command).egressRules).toHaveLength(1)
    expect(
      Object.keys(parse(mapSnippet('p', ['2001:db8::1', '10.0.0.1']).command.split('\n\n')[0] ?? '').paths[0].map),
    ).toEqual(['2001:db8::1', '10.0.0.1'])
  })

  it('an ordinary name stands as it is', () => {
    expect(kubernetesSnippet({ server, cluster: 'my-cluster' }).command).toContain('cluster: my-cluster\n')
  })
})
