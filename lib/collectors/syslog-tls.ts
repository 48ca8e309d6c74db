import { readFileSync, statSync } from 'node:fs'
import type { TlsOptions } from 'node:tls'
import { CollectorFailure } from './collector'
import type { TlsFiles } from './collector-config'

/**
 * The listener's certificate and key, and, where a CA is named, the demand that senders show a certificate which it signed.
 * Throws a lasting `CollectorFailure` where a file is missing or cannot be read.
 */
export function syslogTlsOptions({ ca, cert, key }: TlsFiles): TlsOptions {
  if (!cert || !key)
    throw new CollectorFailure(
      'tls names no certificate or no key',
      'Give the listener its own certificate: tls.cert and tls.key.',
      true,
    )
  return {
    cert: readPem(cert),
    key: readPem(key),
    ...(ca && { ca: readPem(ca), requestCert: true, rejectUnauthorized: true }),
    minVersion: 'TLSv1.2',
    handshakeTimeout: 15_000,
  }
}

/** Changes when one of the files does (rotation); '' while one is missing. */
export function tlsFilesVersion({ ca, cert, key }: TlsFiles): string {
  try {
    return [ca, cert, key].map((file) => (file ? `${statSync(file).mtimeMs}/${statSync(file).size}` : '')).join(' ')
  } catch {
    return ''
  }
}

function readPem(file: string): Buffer {
  try {
    return readFileSync(file)
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unreadable'
    throw new CollectorFailure(`${file} cannot be read (${code})`, 'Check the path and its permissions.', true, {
      cause,
    })
  }
}
