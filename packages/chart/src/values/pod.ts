import { serviceNames } from '@mysmtp/contracts';
import { z } from 'zod';
import {
  containers,
  containerSecurityContext,
  dnsConfig,
  dnsPolicy,
  labels,
  nodeAffinity,
  podSecurityContext,
  stringMap,
  tolerations,
  variables,
  volumeMounts,
  volumes,
} from './kubernetes.ts';

/** Volumes of the chart itself (templates/_volumes.tpl, templates/hook-prepare.yaml). */
const ownVolumes = [
  'keys',
  'secrets',
  'internal-tls',
  'api-tls',
  'tokens',
  'api-server',
  'tls',
  'vault',
  'certificate-keys',
  'dsn-dkim',
  'trusted-ca',
  'secrets-broker',
  ...serviceNames.map((name) => `secrets-${name}`),
];

/** Scheduling and additions of pods. `variablesTaken`: variables that the chart itself sets. */
const members = (variablesTaken: readonly string[]) => ({
  annotations: stringMap,
  labels,
  priorityClassName: z.string(),
  nodeSelector: stringMap,
  nodeAffinity,
  tolerations,
  dnsPolicy,
  dnsConfig,
  securityContext: podSecurityContext,
  containerSecurityContext,
  extraEnv: variables(variablesTaken),
  extraVolumes: volumes(ownVolumes),
  extraVolumeMounts: volumeMounts,
  initContainers: containers,
});

/** The fields of all pods of the release. */
export function podSettings(variablesTaken: readonly string[]) {
  const pod = members(variablesTaken);
  return z
    .strictObject({
      annotations: pod.annotations.default({}).describe('Annotations of pods.'),
      labels: pod.labels.default({}).describe('Additional labels of pods.'),
      priorityClassName: pod.priorityClassName.default('').describe('PriorityClass of pods.'),
      nodeSelector: pod.nodeSelector.default({}).describe('Required labels of a node.'),
      nodeAffinity: pod.nodeAffinity
        .default({})
        .describe('`affinity.nodeAffinity` of pods; pods are always spread over nodes and zones.'),
      tolerations: pod.tolerations.default([]).describe('Tolerations of pods.'),
      dnsPolicy: pod.dnsPolicy.default('ClusterFirst').describe('`dnsPolicy` of pods.'),
      dnsConfig: pod.dnsConfig
        .default({})
        .describe(
          '`dnsConfig` of pods. Name servers outside the cluster need `networkPolicy.dns` too.',
        ),
      securityContext: pod.securityContext
        .default({
          runAsNonRoot: true,
          runAsUser: 65_532,
          runAsGroup: 65_532,
          fsGroup: 65_532,
          fsGroupChangePolicy: 'OnRootMismatch',
          seccompProfile: { type: 'RuntimeDefault' },
        })
        .describe(
          '`securityContext` of pods. `null` removes a member: OpenShift chooses `runAsUser`, `runAsGroup` and `fsGroup` itself.',
        ),
      containerSecurityContext: pod.containerSecurityContext
        .default({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        })
        .describe('`securityContext` of containers. `null` removes a member.'),
      extraEnv: pod.extraEnv
        .default({})
        .describe(
          'Additional variables of containers, by name: `{HTTPS_PROXY: http://…}`, or `{NAME: {secretKeyRef: {name, key}}}` and the other members of `valueFrom`. Names that the chart or a setting of a service uses are refused.',
        ),
      extraVolumes: pod.extraVolumes.default([]).describe('Additional volumes of pods.'),
      extraVolumeMounts: pod.extraVolumeMounts
        .default([])
        .describe('Mounts of these volumes in containers.'),
      initContainers: pod.initContainers
        .default([])
        .describe(
          'Containers that run before ours, or beside them with `restartPolicy: Always`. Without a `securityContext` they get that of our containers.',
        ),
    })
    .prefault({})
    .describe('Scheduling and additions of all pods of the release, including those of Jobs.');
}

/** The same for the pods of one service, which overrides the common value. */
export const podOverrides = (variablesTaken: readonly string[]) =>
  z.strictObject(members(variablesTaken)).partial().default({});
