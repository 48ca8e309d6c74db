import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createSecureContext } from 'node:tls'
import { CollectorFailure } from './collector'
import type { TlsFiles } from './collector-config'
import { pause } from './pause'

/** Contents of certificate files, in the terms of gRPC credentials; null where none is named. */
export interface TlsMaterial {
  readonly rootCerts: Buffer | null
  readonly privateKey: Buffer | null
  readonly certChain: Buffer | null
}

const CHECK_EVERY_MS = 10_000

/**
 * Reads certificate files and proves that they fit together. Throws a lasting `CollectorFailure` naming the file that cannot be
 * used; never the contents.
 */
export async function readTls(files: TlsFiles): Promise<TlsMaterial> {
  if (!files.cert !== !files.key)
    throw new CollectorFailure(
      'Of the client certificate and its key only one is set.',
      'Set both `tls.cert` and `tls.key`, or neither.',
      true,
    )
  const [rootCerts, certChain, privateKey] = await Promise.all([read(files.ca), read(files.cert), read(files.key)])
  const material = { rootCerts, privateKey, certChain }
  prove(files, material)
  return material
}

/**
 * Looks at the files every 10 s (by content: a Kubernetes secret is rotated by moving a symbolic link, which file watches miss) and
 * hands on what changed since `known`, once it fits together: a half-written pair is waited for. Ends when `signal` aborts.
 */
export async function watchTls(
  files: TlsFiles,
  known: TlsMaterial,
  onChange: (material: TlsMaterial) => void,
  signal: AbortSignal,
  everyMs = CHECK_EVERY_MS,
): Promise<void> {
  let current = fingerprint(known)
  while (!signal.aborted) {
    await pause(everyMs, signal)
    if (signal.aborted) return
    const material = await readTls(files).catch(() => undefined)
    if (!material || fingerprint(material) === current || signal.aborted) continue
    current = fingerprint(material)
    onChange(material)
  }
}

async function read(file: string | undefined): Promise<Buffer | null> {
  if (!file) return null
  try {
    return await readFile(file)
  } catch (error) {
    throw new CollectorFailure(
      `The file ${file} cannot be read.`,
      'Check the path and that Postern may read it.',
      true,
      { cause: error },
    )
  }
}

function prove(files: TlsFiles, { rootCerts, certChain, privateKey }: TlsMaterial): void {
  if (rootCerts)
    attempt(
      () => {
        if (!rootCerts.includes('-----BEGIN CERTIFICATE-----')) throw new Error('no PEM')
        createSecureContext({ ca: rootCerts })
      },
      `The file ${files.ca} holds no certificate authority in PEM.`,
      'Set `tls.ca` to the CA certificate that signed the server’s certificate.',
    )
  if (certChain && privateKey)
    attempt(
      () => createSecureContext({ cert: certChain, key: privateKey }),
      `The certificate ${files.cert} and the key ${files.key} do not fit together.`,
      'Set `tls.cert` and `tls.key` to a PEM certificate and its own unencrypted key.',
    )
}

function attempt(check: () => void, message: string, remedy: string): void {
  try {
    check()
  } catch (error) {
    throw new CollectorFailure(message, remedy, true, { cause: error })
  }
}

const fingerprint = ({ rootCerts, certChain, privateKey }: TlsMaterial): string =>
  [rootCerts, certChain, privateKey]
    .map((part) =>
      createHash('sha256')
        .update(part ?? '')
        .digest('hex'),
    )
    .join()
