import { z } from 'zod';
import { nodeAffinity, stringMap, tolerations } from './kubernetes.ts';

/** Where all pods of the release run and what they carry. */
export const podSettings = z
  .strictObject({
    annotations: stringMap.default({}).describe('Annotations of pods.'),
    priorityClassName: z.string().default('').describe('PriorityClass of pods.'),
    nodeSelector: stringMap.default({}).describe('Labels that a node must have.'),
    nodeAffinity: nodeAffinity
      .default({})
      .describe('`affinity.nodeAffinity` of pods; over nodes and zones they are spread anyway.'),
    tolerations: tolerations.default([]).describe('Taints that pods bear.'),
  })
  .prefault({})
  .describe('Where pods run and what they carry: all pods of the release.');

/** The same for the pods of one service, in the place of what all have. */
export const podOverrides = z
  .strictObject({
    annotations: stringMap,
    priorityClassName: z.string(),
    nodeSelector: stringMap,
    nodeAffinity,
    tolerations,
  })
  .partial()
  .default({});
