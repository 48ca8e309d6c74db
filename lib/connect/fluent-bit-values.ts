import { yamlScalar } from './quote'
import { baseOf, type ConnectStep, SHIPPER_NAMESPACE, type WayTarget } from './step'

interface Files {
  /** Of the Helm release: `postern-hubble`. */
  readonly release: string
  readonly tag: string
  /** The files on the node, and the folder that must be mounted for them beside /var/log. */
  readonly path: string
  readonly folder?: string
  /** Lines of [INPUT] and [OUTPUT] beside the usual ones, and whole [FILTER]s. */
  readonly input?: readonly string[]
  readonly filters?: readonly string[]
  readonly output?: readonly string[]
  /** Path below the server's address. */
  readonly uri: string
  /** Whether the node's name is put into records. */
  readonly withNode?: boolean
}

/** A variable of Fluent Bit's configuration. */
export const variable = (name: string): string => `\${${name}}`

// The chart renders these texts as templates: what stands in braces in a name must not be one.
const untemplated = (text: string): string => text.replaceAll('{{', '{{"{{"}}')
// A header's value ends at the line: nothing of a name may begin another setting; and `${` is a variable.
const headerValue = (text: string): string =>
  untemplated(text.replace(/[\s\p{Cc}\p{Cf}\u2028\u2029]+/gu, '_').replaceAll('${', '$_{'))
const indented = (lines: readonly string[]): string => lines.map((line) => `    ${line}`).join('\n')

/** Values of the chart fluent/fluent-bit that send files of each node, and the command that installs them. */
export function fluentBitSteps(target: WayTarget, files: Files): ConnectStep[] {
  const { server, cluster } = target
  const isTls = server.protocol === 'https:'
  const output = [
    '[OUTPUT]',
    '    Name              http',
    `    Match             ${files.tag}`,
    `    Host              ${server.hostname}`,
    `    Port              ${server.port || (isTls ? '443' : '80')}`,
    ...(isTls ? ['    tls               on'] : []),
    `    URI               ${untemplated(new URL(`${baseOf(server)}${files.uri}`).pathname)}`,
    '    Format            json_lines',
    ...(files.output ?? []).map((line) => `    ${line}`),
    '    Compress          gzip',
    `    Header            Authorization Bearer ${variable('POSTERN_TOKEN')}`,
    `    Header            X-Postern-Cluster ${headerValue(cluster)}`,
    '    Retry_Limit       no_limits',
  ]
  const input = [
    '[INPUT]',
    '    Name              tail',
    `    Path              ${files.path}`,
    `    Tag               ${files.tag}`,
    `    DB                /var/lib/postern-shipper/${files.tag}.db`,
    '    Buffer_Max_Size   1M',
    '    Mem_Buf_Limit     32M',
    ...(files.input ?? []).map((line) => `    ${line}`),
  ]
  const values = `tolerations: [{ operator: Exists }]
env:
  - name: POSTERN_TOKEN
    valueFrom: { secretKeyRef: { name: postern-token, key: token } }${
      files.withNode ? '\n  - name: NODE_NAME\n    valueFrom: { fieldRef: { fieldPath: spec.nodeName } }' : ''
    }
extraVolumes:
  - name: state
    hostPath: { path: /var/lib/postern-shipper, type: DirectoryOrCreate }${
      files.folder
        ? `\n  - name: flows\n    hostPath: { path: ${yamlScalar(files.folder)}, type: DirectoryOrCreate }`
        : ''
    }
extraVolumeMounts:
  - { name: state, mountPath: /var/lib/postern-shipper }${
    files.folder ? `\n  - { name: flows, mountPath: ${yamlScalar(files.folder)}, readOnly: true }` : ''
  }
config:
  inputs: |
${indented(input)}
  filters: ${files.filters ? `|\n${indented(files.filters)}` : "''"}
  outputs: |
${indented(output)}
`
  return [
    {
      title: `Fluent Bit on every node: values of its Helm chart, as ${files.release}.yaml`,
      form: 'yaml',
      text: values,
      settings: [
        ['DB', 'remembers how far each file was read, so that a restart sends nothing twice and leaves nothing out'],
        ['Buffer_Max_Size', 'the longest line: records have up to 1 MiB'],
        ['Mem_Buf_Limit', 'reading pauses there while Postern is away; the files wait'],
        ['Retry_Limit no_limits', 'what was not answered 2xx is sent again; Postern counts a body once'],
        ['X-Postern-Cluster', 'the cluster of the records; a token of one cluster stands above it'],
        ['tolerations', 'every node, the control plane included'],
      ],
    },
    {
      title: 'Install it',
      form: 'shell',
      text: `helm repo add fluent https://fluent.github.io/helm-charts
helm upgrade --install ${files.release} fluent/fluent-bit --namespace ${SHIPPER_NAMESPACE} --values ${files.release}.yaml`,
    },
  ]
}
