import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { conntrackCommand } from './nat-snippets'

describe.skipIf(!existsSync('/bin/bash'))('the command', () => {
  /** The shell itself says what curl would get: `conntrack`, `sysctl` and `curl` are functions here, `split` is not. */
  function argumentsOfCurl(cluster: string, hop: string, isOneLine: boolean): string[] {
    const script = [
      'sysctl() { :; }; conntrack() { echo line; }',
      'curl() { printf "%s\\0" "$@"; }; export -f curl',
      'export SHELL=/bin/bash POSTERN_TOKEN=secret',
      conntrackCommand({ server: new URL('https://postern.example.com'), cluster, hop }, { hasToken: true, isOneLine }),
    ].join('\n')
    return execFileSync('/bin/bash', ['-c', script], { encoding: 'utf8' }).split('\0').slice(0, -1)
  }
  describe.each([true, false])('in one line: %s', (isOneLine) => {
    it.each([
      ['prod-eu', 'aws-natgw'],
      ["x'; touch owned; '", '$(touch owned)'],
      ['"; touch owned; "', '`touch owned`'],
      ['$HOME !! \\', "it's & | > <"],
    ])('cluster %j and hop %j reach curl as they are', (cluster, hop) => {
      const given = argumentsOfCurl(cluster, hop, isOneLine)
      expect(given).toContain('Authorization: Bearer secret')
      expect(given).toContain(`X-Postern-Cluster: ${cluster}`)
      expect(new URL(given.at(-1) ?? '').searchParams.get('hop')).toBe(hop)
    })
  })
})
