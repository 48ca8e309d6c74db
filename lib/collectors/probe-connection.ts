import { lookup } from 'node:dns'
import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { checkServerIdentity, connect as connectTls } from 'node:tls'
import type { TlsMaterial } from './tls-files'

/** Why a gRPC connection to an address does not come about; `reachable` = nothing found wrong. */
export type ConnectionTrouble =
  | 'reachable'
  | 'name_not_resolved'
  | 'refused'
  | 'no_answer'
  | 'speaks_no_tls'
  | 'speaks_tls'
  | 'unknown_authority'
  | 'expired'
  | 'wrong_name'
  | 'client_certificate_wanted'
  | 'tls_failed'

export interface ConnectionProbe {
  readonly trouble: ConnectionTrouble
  /** Code or message of the library, for the log; at most 200 characters. */
  readonly detail: string
}

export interface ProbeTarget {
  /** host:port, an IPv6 address in brackets. */
  readonly address: string
  readonly tls?: TlsMaterial
  readonly serverName?: string
}

const TIMEOUT_MS = 5000
/** After a TLS 1.3 handshake the server may still refuse the client's certificate; a gRPC server speaks at once. */
const VERDICT_MS = 1000

/** Opens a connection of its own to say in one word what a gRPC library only wraps in text. Never throws; ends within 15 s, at once where `signal` aborts. */
export async function probeConnection(target: ProbeTarget, signal?: AbortSignal): Promise<ConnectionProbe> {
  const { tls, address, serverName } = target
  const [host, port] = splitAddress(address)
  if (!(await isResolved(host, signal))) return { trouble: 'name_not_resolved', detail: host.slice(0, 200) }
  if (!tls) {
    const plain = await outcome(() => connectTcp({ host, port }), 'connect', signal)
    if (plain.trouble !== 'reachable') return plain
    // A server that answers a TLS handshake wants TLS; whose certificate it shows does not matter for that.
    const asTls = await outcome(
      () => connectTls({ host, port, rejectUnauthorized: false, ALPNProtocols: ['h2'] }),
      'secureConnect',
      signal,
    )
    return asTls.trouble === 'reachable' || asTls.trouble === 'client_certificate_wanted'
      ? { trouble: 'speaks_tls', detail: 'a TLS handshake succeeds' }
      : plain
  }
  return outcome(
    () =>
      connectTls({
        host,
        port,
        ALPNProtocols: ['h2'],
        servername: serverName ?? (isIP(host) ? '' : host),
        ...(serverName && {
          checkServerIdentity: (_host, certificate) => checkServerIdentity(serverName, certificate),
        }),
        ...(tls.rootCerts && { ca: tls.rootCerts }),
        ...(tls.certChain && { cert: tls.certChain }),
        ...(tls.privateKey && { key: tls.privateKey }),
      }),
    'data',
    signal,
  )
}

/** A resolver that does not answer in time has not resolved it either. */
function isResolved(host: string, signal?: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), TIMEOUT_MS)
    signal?.addEventListener('abort', () => resolve(false), { once: true })
    lookup(host, (error) => {
      clearTimeout(timer)
      resolve(!error)
    })
  })
}

/** `[::1]:4245` → `::1`, 4245. */
function splitAddress(address: string): readonly [host: string, port: number] {
  const at = address.lastIndexOf(':')
  return [address.slice(0, at).replace(/^\[(.*)\]$/, '$1'), Number(address.slice(at + 1))]
}

function outcome(
  open: () => Socket,
  success: 'connect' | 'secureConnect' | 'data',
  signal?: AbortSignal,
): Promise<ConnectionProbe> {
  return new Promise((resolve) => {
    const socket = open()
    const finish = (trouble: ConnectionTrouble, detail: string) => {
      clearTimeout(timer)
      socket.destroy()
      resolve({ trouble, detail: detail.slice(0, 200) })
    }
    let timer = setTimeout(() => finish('no_answer', 'timeout'), TIMEOUT_MS)
    signal?.addEventListener('abort', () => finish('no_answer', 'given up'), { once: true })
    if (signal?.aborted) finish('no_answer', 'given up')
    // A server that hangs up after the handshake did not like the certificate that it was shown, or missed one.
    let afterHandshake: ConnectionTrouble = 'tls_failed'
    socket.on('error', (error) => {
      const trouble = troubleOf(error)
      finish(trouble === 'tls_failed' ? afterHandshake : trouble, codeOf(error) || error.message)
    })
    socket.once('close', () => finish(afterHandshake, 'the server closed the connection'))
    socket.once(success, () => finish('reachable', ''))
    if (success === 'data')
      socket.once('secureConnect', () => {
        afterHandshake = 'client_certificate_wanted'
        clearTimeout(timer)
        timer = setTimeout(() => finish('reachable', ''), VERDICT_MS)
      })
  })
}

function troubleOf(error: Error): ConnectionTrouble {
  const code = codeOf(error)
  if (code === 'ECONNREFUSED') return 'refused'
  if (/^E(TIMEDOUT|HOSTUNREACH|NETUNREACH|HOSTDOWN)$/.test(code)) return 'no_answer'
  if (/WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST/.test(code)) return 'speaks_no_tls'
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID') return 'expired'
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return 'wrong_name'
  if (/SELF_SIGNED|UNABLE_TO_|CERT_UNTRUSTED|INVALID_CA|CERT_SIGNATURE_FAILURE/.test(code)) return 'unknown_authority'
  if (/ALERT_(CERTIFICATE_REQUIRED|BAD_CERTIFICATE|UNKNOWN_CA|CERTIFICATE_|HANDSHAKE_FAILURE|NO_CERT)/.test(code))
    return 'client_certificate_wanted'
  return 'tls_failed'
}

const codeOf = (error: Error): string => ('code' in error && typeof error.code === 'string' ? error.code : '')
