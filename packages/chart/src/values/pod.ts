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
  'report-dkim',
  'trusted-ca',
  'secrets-broker',
  ...serviceNames.map((name) => `secrets-${name}`),
];

/** Where pods run and what they carry. `variablesTaken`: variables that the chart itself sets. */
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

/** What all pods of the release have. */
export function podSettings(variablesTaken: readonly string[]) {
  const pod = members(variablesTaken);
  return z
    .strictObject({
      annotations: pod.annotations.default({}).describe('Annotations of pods.'),
      labels: pod.labels.default({}).describe('More labels of pods.'),
      priorityClassName: pod.priorityClassName.default('').describe('PriorityClass of pods.'),
      nodeSelector: pod.nodeSelector.default({}).describe('Labels that a node must have.'),
      nodeAffinity: pod.nodeAffinity
        .default({})
        .describe('`affinity.nodeAffinity` of pods; over nodes and zones they are spread anyway.'),
      tolerations: pod.tolerations.default([]).describe('Taints that pods bear.'),
      dnsPolicy: pod.dnsPolicy.default('ClusterFirst').describe('`dnsPolicy` of pods.'),
      dnsConfig: pod.dnsConfig
        .default({})
        .describe(
          '`dnsConfig` of pods. Name servers outside of the cluster need `networkPolicy.dns` too.',
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
          'More variables of containers, by name: `{HTTPS_PROXY: http://…}`, or `{NAME: {secretKeyRef: {name, key}}}` and the other members of `valueFrom`. What the chart or a setting of a service names is refused.',
        ),
      extraVolumes: pod.extraVolumes.default([]).describe('More volumes of pods.'),
      extraVolumeMounts: pod.extraVolumeMounts
        .default([])
        .describe('Where containers see these volumes.'),
      initContainers: pod.initContainers
        .default([])
        .describe(
          'Containers that run before ours, or beside them with `restartPolicy: Always`. Without a `securityContext` they have that of our containers.',
        ),
    })
    .prefault({})
    .describe('Where pods run and what they carry: all pods of the release, those of Jobs too.');
}

/** The same for the pods of one service, in the place of what all have. */
export const podOverrides = (variablesTaken: readonly string[]) =>
  z.strictObject(members(variablesTaken)).partial().default({});
