import { quoteShell } from './quote'
import { type ConnectStep, NO_TOKEN, SHIPPER_NAMESPACE, type WayTarget } from './step'

const tokenOf = ({ token }: WayTarget): string => quoteShell(token || NO_TOKEN)

/** The token as a Secret, for what runs in the cluster. */
export const tokenSecretStep = (target: WayTarget): ConnectStep => ({
  title: 'The token, as a Secret of the cluster',
  form: 'shell',
  text: `kubectl create namespace ${SHIPPER_NAMESPACE} --dry-run=client -o yaml | kubectl apply -f -
kubectl -n ${SHIPPER_NAMESPACE} create secret generic postern-token --from-literal=token=${tokenOf(target)}`,
})

/** The token for a shell, for what runs on a machine. */
export const tokenVariableStep = (target: WayTarget): ConnectStep => ({
  title: 'The token, for the commands below',
  form: 'shell',
  text: `export POSTERN_TOKEN=${tokenOf(target)}`,
})
