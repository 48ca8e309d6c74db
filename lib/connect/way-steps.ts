import { calicoLogSteps, calicoS3Steps, calicoSyslogSteps, goldmaneSteps } from './calico-steps'
import { exporterSteps, relaySteps } from './cilium-steps'
import { awsSteps, azureSteps, conntrackSteps, corednsSteps, gcpSteps, kubernetesSteps } from './evidence-steps'
import { otelCollectorSteps, otelExporterSteps } from './otel-steps'
import type { ConnectStep, WayTarget } from './step'
import type { WayId } from './ways'

const STEPS: Readonly<Record<WayId, (target: WayTarget) => ConnectStep[]>> = {
  'hubble-exporter': exporterSteps,
  'hubble-relay': relaySteps,
  goldmane: goldmaneSteps,
  'calico-logs': calicoLogSteps,
  'calico-syslog': calicoSyslogSteps,
  'calico-s3': calicoS3Steps,
  'otel-exporter': otelExporterSteps,
  'otel-collector': otelCollectorSteps,
  'nat-aws': awsSteps,
  'nat-gcp': gcpSteps,
  'nat-azure': azureSteps,
  'nat-node': conntrackSteps,
  kubernetes: kubernetesSteps,
  coredns: corednsSteps,
}

/** What is done to connect a source this way, in order, with everything of the target filled in. */
export const stepsOf = (id: WayId, target: WayTarget): readonly ConnectStep[] => STEPS[id](target)
