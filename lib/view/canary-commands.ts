import { CANARY_NAME } from '@/lib/model/canary'

/** The command that puts a probe's token into its namespace. The manifest reads it from there, as a file. */
export const secretCommand = (namespace: string, token: string): string =>
  `kubectl -n ${namespace} create secret generic ${CANARY_NAME} --from-literal=authorization='Authorization: Bearer ${token}'`

/** The command that starts a probe from its manifest, as it is pasted below it. */
export const applyCommand = (manifest: string): string => `kubectl apply -f - <<'YAML'\n${manifest.trimEnd()}\nYAML`
