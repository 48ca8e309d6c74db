import { CollectorFailure, isCollectorFailure } from '../collector'
import { WhiskerRefusal } from './whisker-client'

interface Words {
  readonly message: string
  readonly remedy: string
  readonly isLasting?: boolean
}

/** What went wrong with Whisker in an operator's words, with a remedy. */
export function whiskerFailure(error: unknown, url: string): CollectorFailure {
  if (isCollectorFailure(error)) return error
  const { origin, pathname } = new URL(url)
  const words = error instanceof WhiskerRefusal ? refusalWords(error, origin, pathname) : connectionWords(error, origin)
  return new CollectorFailure(words.message, words.remedy, words.isLasting ?? false, { cause: error })
}

function refusalWords({ status, said }: WhiskerRefusal, origin: string, path: string): Words {
  const answer = `${origin} answers ${status}${said && `: ${said}`}.`
  switch (true) {
    case status === 401 || status === 403:
      return {
        message: answer,
        remedy: 'Something in front of Whisker wants a sign-in: use the address of the service inside the cluster.',
        isLasting: true,
      }
    case status === 404:
      return {
        message: `${origin} has no flows at ${path}.`,
        remedy:
          'Through Whisker’s web server the path is /whisker-backend; at the backend itself (port 3002) it is empty.',
        isLasting: true,
      }
    case status >= 300 && status < 400:
      return {
        message: `${origin} redirects elsewhere (${status}).`,
        remedy: 'Set `url` to the address that it redirects to, if that is Whisker.',
        isLasting: true,
      }
    case status === 400:
      return { message: answer, remedy: 'Whisker may be of another version; see docs/calico.md.', isLasting: true }
    case status === 429:
      return { message: answer, remedy: 'Nothing to do: it is tried again, more rarely.' }
    case status === 502 || status === 503 || status === 504:
      return {
        message: `${answer} Whisker’s backend, or Goldmane behind it, is not reached.`,
        remedy:
          'Look at the pods whisker and goldmane, and at the network policies in front of them: by default they deny all ingress.',
      }
    default:
      return { message: answer, remedy: 'Look at the log of the pod whisker.' }
  }
}

function connectionWords(error: unknown, origin: string): Words {
  const code = codeOf(error)
  const words = CONNECTION.find(([pattern]) => pattern.test(code))?.[1]
  if (words) return words(origin)
  if (error instanceof SyntaxError || error instanceof RangeError)
    return { message: `The answer of ${origin} could not be read.`, remedy: 'Check that the address is Whisker’s.' }
  const said = error instanceof Error ? error.message.replace(/\p{C}+/gu, ' ').slice(0, 160) : 'unknown'
  return { message: `The connection to ${origin} failed (${said}).`, remedy: 'It is tried again.' }
}

const CONNECTION: readonly (readonly [RegExp, (origin: string) => Words])[] = [
  [
    /^(ENOTFOUND|EAI_)/,
    (origin) => ({
      message: `The name in ${origin} cannot be resolved.`,
      remedy: 'Check the name; names of a cluster’s services are known inside that cluster only.',
    }),
  ],
  [
    /^ECONNREFUSED/,
    (origin) => ({
      message: `Nothing listens at ${origin}: connection refused.`,
      remedy: 'Check the port (8081, of newer versions 8443 with https), and that the port-forward runs.',
    }),
  ],
  [
    /^(ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)/,
    (origin) => ({
      message: `${origin} does not answer.`,
      remedy: 'Whisker’s network policy denies all ingress by default: allow Postern to reach it.',
    }),
  ],
  [
    /^(ECONNRESET|EPIPE|ECONNABORTED)/,
    (origin) => ({ message: `The connection to ${origin} was lost.`, remedy: 'Nothing to do: it is opened again.' }),
  ],
  [
    /ALTNAME_INVALID/,
    (origin) => ({
      message: `The certificate of ${origin} is for another name.`,
      remedy: 'Set `tls.serverName` to a name in the certificate, for example where a port-forward is used.',
      isLasting: true,
    }),
  ],
  [
    /SELF_SIGNED|UNABLE_TO_|CERT_UNTRUSTED|INVALID_CA|SIGNATURE_FAILURE/,
    (origin) => ({
      message: `The certificate of ${origin} is signed by an authority that is not trusted.`,
      remedy: 'Set `tls.ca` to the CA that signed it.',
      isLasting: true,
    }),
  ],
  [
    /^CERT_/,
    (origin) => ({
      message: `The certificate of ${origin} is not valid at this time.`,
      remedy: 'Renew it, or set this machine’s clock.',
      isLasting: true,
    }),
  ],
  [
    /^(EPROTO|ERR_SSL|HPE_)/,
    (origin) => ({
      message: `${origin} does not speak what the address says.`,
      remedy: 'Write https:// where Whisker speaks TLS (port 8443), http:// where it does not.',
      isLasting: true,
    }),
  ],
]

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
