import { z } from 'zod';

// The parts of Kubernetes' own objects that values may carry, as strict as the rest.

/** A value of a label or an annotation; written without quotes it may look like a number or a flag. */
const text = z.string();
export const stringMap = z.record(z.string(), text);

const quantity = z.union([
  z.string().regex(/^\d+(\.\d+)?(m|k|M|G|Ki|Mi|Gi)?$/, 'a quantity such as 250m or 512Mi'),
  z.number().positive(),
]);
const amounts = (cpu: string, memory: string) =>
  z.strictObject({ cpu: quantity.default(cpu), memory: quantity.default(memory) }).prefault({});

/** What a container asks for, and the most it gets. */
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
    ipBlock: z
      .strictObject({ cidr: z.string(), except: z.array(z.string()).optional() })
      .optional(),
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

/** Which nodes a pod may or should run on. Pods are spread by the chart itself. */
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

/** `auto` is yes where the cluster knows the API. */
export const threeState = z.literal(['auto', true, false]).default('auto');
