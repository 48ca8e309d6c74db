import { describe, expect, it } from 'vitest'
import { readImportOptions } from './import-options'

const read = (...args: readonly string[]) => readImportOptions(args, { port: 3000, token: 'from-environment' })

describe('arguments of an import', () => {
  it('default to the live data of the local server', () => {
    expect(read('a', 'b')).toEqual({
      paths: ['a', 'b'],
      url: 'http://localhost:3000',
      token: 'from-environment',
      dataset: '',
    })
  })

  it('say where to, for what and how', () => {
    const all = read(
      '--dataset',
      'x',
      '--cluster',
      'c',
      '--hop=gw',
      '--format',
      'nat/conntrack',
      '--url',
      'https://p/',
      'f',
    )
    expect(all).toMatchObject({
      paths: ['f'],
      url: 'https://p',
      dataset: 'x',
      cluster: 'c',
      hop: 'gw',
      format: 'nat/conntrack',
    })
  })

  it('that are wrong are named', () => {
    expect(() => read()).toThrow('name at least one file')
    expect(() => read('f', '--format', 'pcap')).toThrow('--format pcap: known are hubble, calico')
    expect(() => read('f', '--url', 'ftp://x')).toThrow('--url ftp://x')
    expect(() => read('f', '--nonsense')).toThrow('--nonsense')
    expect(() => read('f', '--token-file', '/nowhere/token')).toThrow('cannot be read')
  })
})
