import { z } from 'zod';

// The parts of Kubernetes' own objects that values may contain, as strict as the rest.

/** A value of a label or an annotation; without quotes it may look like a number or a flag. */
const text = z.string();
export const stringMap = z.record(z.string(), text);

/** Text outside this list. zod does not write `not` into a JSON Schema by itself. */
const noneOf = (taken: readonly string[]) =>
  z
    .string()
    .refine((name) => !taken.includes(name))
    .meta({ not: { enum: [...taken] } });

/** The name of an object, such as a Secret: a DNS subdomain (RFC 1123). */
const objectNamePattern = /^[a-z\d]([a-z\d.-]*[a-z\d])?$/;
export const objectName = z.string().max(253).regex(objectNamePattern);
export const objectNameOrEmpty = z
  .string()
  .max(253)
  .regex(new RegExp(`${objectNamePattern.source}|^$`));

/** A network: IPv4 or IPv6, with the length of its prefix. */
export const cidr = z
  .string()
  .regex(new RegExp(`${z.regexes.cidrv4.source}|${z.regexes.cidrv6.source}`));

export const digest = z.string().regex(/^sha256:[\da-f]{64}$/);

/** Labels beside those that the chart itself sets. */
export const labels = z.record(
  noneOf([
    ...['name', 'instance', 'component', 'version', 'part-of', 'managed-by'].map(
      (name) => `app.kubernetes.io/${name}`,
    ),
    'helm.sh/chart',
  ]),
  text,
);

const quantity = z.union([
  z.string().regex(/^\d+(\.\d+)?(m|k|M|G|Ki|Mi|Gi)?$/, 'a quantity such as 250m or 512Mi'),
  z.number().positive(),
]);
const amounts = (cpu: string, memory: string) =>
  z.strictObject({ cpu: quantity.default(cpu), memory: quantity.default(memory) }).prefault({});

/** Resource requests and limits of a container. */
export const resources = (
  requests: readonly [cpu: string, memory: string],
  limits: readonly [cpu: string, memory: string],
) => z.strictObject({ requests: amounts(...requests), limits: amounts(...limits) }).prefault({});

const labelSelector = z.strictObject({
  matchLabels: stringMap.optional(),
  matchExpressions: z
    .array(
      z.strictObject({
        key: z.string(),
        operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist']),
        values: z.array(z.string()).optional(),
      }),
    )
    .optional(),
});

/** A NetworkPolicyPeer. */
export const peers = z.array(
  z.strictObject({
    podSelector: labelSelector.optional(),
    namespaceSelector: labelSelector.optional(),
    ipBlock: z.strictObject({ cidr, except: z.array(cidr).optional() }).optional(),
  }),
);

export const port = z.int().min(1).max(65_535);

const nodeSelectorTerm = z.strictObject({
  matchExpressions: z.array(
    z.strictObject({
      key: z.string(),
      operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Lt']),
      values: z.array(z.string()).optional(),
    }),
  ),
});

/** Node affinity of a pod. The chart itself spreads pods. */
export const nodeAffinity = z.strictObject({
  requiredDuringSchedulingIgnoredDuringExecution: z
    .strictObject({ nodeSelectorTerms: z.array(nodeSelectorTerm) })
    .optional(),
  preferredDuringSchedulingIgnoredDuringExecution: z
    .array(z.strictObject({ weight: z.int().min(1).max(100), preference: nodeSelectorTerm }))
    .optional(),
});

export const tolerations = z.array(
  z.strictObject({
    key: z.string().optional(),
    operator: z.enum(['Exists', 'Equal']).optional(),
    value: z.string().optional(),
    effect: z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']).optional(),
    tolerationSeconds: z.int().optional(),
  }),
);

const keyOf = z.strictObject({
  name: objectName,
  key: z.string().min(1),
  optional: z.boolean().optional(),
});

/** Variables by name: text, or the source of their value (`valueFrom`). */
export const variables = (taken: readonly string[]) =>
  z.record(
    noneOf(taken),
    z.union([
      text,
      z.strictObject({
        secretKeyRef: keyOf.optional(),
        configMapKeyRef: keyOf.optional(),
        fieldRef: z
          .strictObject({ fieldPath: z.string(), apiVersion: z.string().optional() })
          .optional(),
        resourceFieldRef: z
          .strictObject({
            resource: z.string(),
            containerName: z.string().optional(),
            divisor: z.string().optional(),
          })
          .optional(),
      }),
    ]),
  );

/** Volumes of any kind; the API server validates them. */
export const volumes = (taken: readonly string[]) =>
  z.array(z.looseObject({ name: noneOf(taken).min(1) }));

export const volumeMounts = z.array(
  z.strictObject({
    name: z.string().min(1),
    mountPath: z.string().startsWith('/'),
    subPath: z.string().optional(),
    subPathExpr: z.string().optional(),
    readOnly: z.boolean().optional(),
    recursiveReadOnly: z.enum(['Disabled', 'IfPossible', 'Enabled']).optional(),
    mountPropagation: z.enum(['None', 'HostToContainer', 'Bidirectional']).optional(),
  }),
);

/** Containers of any kind; the API server validates them. */
export const containers = z.array(
  z.looseObject({ name: z.string().min(1), image: z.string().min(1) }),
);

export const dnsPolicy = z.enum(['ClusterFirst', 'ClusterFirstWithHostNet', 'Default', 'None']);

export const dnsConfig = z.strictObject({
  nameservers: z.array(z.union([z.ipv4(), z.ipv6()])).optional(),
  searches: z.array(z.string()).optional(),
  options: z
    .array(z.strictObject({ name: z.string().min(1), value: z.string().optional() }))
    .optional(),
});

// `null` removes a member: OpenShift gives each namespace its own user ids and refuses others.
const id = z.int().min(0).nullish();
const flag = z.boolean().nullish();
const profile = z
  .strictObject({
    type: z.enum(['RuntimeDefault', 'Localhost', 'Unconfined']),
    localhostProfile: z.string().optional(),
  })
  .nullish();
const seLinuxOptions = z
  .strictObject({
    level: z.string().optional(),
    role: z.string().optional(),
    type: z.string().optional(),
    user: z.string().optional(),
  })
  .nullish();
const anySecurityContext = {
  runAsNonRoot: flag,
  runAsUser: id,
  runAsGroup: id,
  seccompProfile: profile,
  appArmorProfile: profile,
  seLinuxOptions,
};

export const podSecurityContext = z.strictObject({
  ...anySecurityContext,
  fsGroup: id,
  fsGroupChangePolicy: z.enum(['OnRootMismatch', 'Always']).nullish(),
  supplementalGroups: z.array(z.int().min(0)).nullish(),
  supplementalGroupsPolicy: z.enum(['Merge', 'Strict']).nullish(),
});

export const containerSecurityContext = z.strictObject({
  ...anySecurityContext,
  allowPrivilegeEscalation: flag,
  readOnlyRootFilesystem: flag,
  capabilities: z
    .strictObject({ add: z.array(z.string()).optional(), drop: z.array(z.string()).optional() })
    .nullish(),
});

const podsAtOnce = z.union([z.int().min(0), z.string().regex(/^\d+%$/)]);

/** How a Deployment replaces its pods. */
export const deploymentStrategy = z.strictObject({
  type: z.enum(['RollingUpdate', 'Recreate']).optional(),
  rollingUpdate: z
    .strictObject({ maxUnavailable: podsAtOnce.optional(), maxSurge: podsAtOnce.optional() })
    .optional(),
});

/** Rules of a ServiceMonitor for labels of targets or of samples. */
export const relabelings = z.array(
  z.strictObject({
    sourceLabels: z.array(z.string()).optional(),
    separator: z.string().optional(),
    targetLabel: z.string().optional(),
    regex: z.string().optional(),
    modulus: z.int().min(1).optional(),
    replacement: z.string().optional(),
    action: z
      .enum([
        'replace',
        'keep',
        'drop',
        'hashmod',
        'labelmap',
        'labeldrop',
        'labelkeep',
        'lowercase',
        'uppercase',
        'keepequal',
        'dropequal',
      ])
      .optional(),
  }),
);

/** `auto` is yes if the cluster has the API. */
export const threeState = z.literal(['auto', true, false]).default('auto');
