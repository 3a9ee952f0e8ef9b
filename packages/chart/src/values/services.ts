import { byService, serviceOf, type ServiceName } from '@mysmtp/contracts';
import type { Settings } from '@mysmtp/service';
import { z } from 'zod';
import type { ServiceSettings } from '../derived/load-settings.ts';
import { deploymentStrategy, digest, peers, resources, stringMap } from './kubernetes.ts';
import { podOverrides } from './pod.ts';
import { chosenSettings, variablesOf } from './settings.ts';

interface Size {
  readonly replicas: number;
  readonly cpu: string;
  readonly memory: string;
  readonly memoryLimit: string;
  /** During this sleep load balancers and proxies remove the pod from their endpoints. */
  readonly preStopSeconds: number;
}

const usual: Size = {
  replicas: 2,
  cpu: '100m',
  memory: '160Mi',
  memoryLimit: '384Mi',
  preStopSeconds: 5,
};

/** Services in the path of mail need more; privacy has one. */
const sizes: Partial<Readonly<Record<ServiceName, Partial<Size>>>> = {
  ingress: { cpu: '250m', memory: '192Mi', memoryLimit: '512Mi', preStopSeconds: 10 },
  delivery: { cpu: '250m', memory: '192Mi', memoryLimit: '512Mi' },
  privacy: { replicas: 1 },
};

export const services = (settings: ServiceSettings) =>
  z
    .strictObject(byService((name) => service(name, settings[name], variablesOf(settings))))
    .prefault({} as never)
    .describe('The five services.');

function service(name: ServiceName, settings: Settings, variablesTaken: readonly string[]) {
  const size = { ...usual, ...sizes[name] };
  const { cpu, memory, memoryLimit } = size;
  return z
    .strictObject({
      replicas: z
        .int()
        .min(0)
        .nullable()
        .default(size.replicas)
        .describe('Pods of this service. `null` leaves the number to a HorizontalPodAutoscaler.'),
      strategy: deploymentStrategy
        .optional()
        .describe(
          'Update strategy of its Deployment. By default a new pod starts before an old one stops; with a vault of ReadWriteOnce the one pod of privacy is stopped first.',
        ),
      resources: resources([cpu, memory], ['2', memoryLimit]).describe(
        'Resource requests and limits of a pod.',
      ),
      preStopSeconds: z
        .int()
        .min(0)
        .default(size.preStopSeconds)
        .describe(
          'How long a terminating pod continues to work before it stops, so that load balancers can remove it.',
        ),
      terminationGracePeriodSeconds: z
        .int()
        .min(1)
        .optional()
        .describe(
          'Termination grace period. Computed from preStopSeconds and STOP_DEADLINE; a shorter one is refused.',
        ),
      image: z
        .strictObject({ tag: z.string().optional(), digest: digest.optional() })
        .default({})
        .describe(
          'Its image: `tag`, which overrides `image.tag`, or `digest` (`sha256:…`), which pins the image.',
        ),
      imageDigest: digest.optional().describe('The former name of `image.digest`.'),
      serviceAccount: z
        .strictObject({ annotations: stringMap })
        .partial()
        .default({})
        .describe('As `serviceAccount`, for this service only.'),
      settings: chosenSettings(settings).describe(
        'Settings by environment name, as listed in the README of the service.',
      ),
      pod: podOverrides(variablesTaken).describe('As `pod`, for this service only.'),
      extraEgress: z
        .array(
          z.strictObject({
            to: peers,
            ports: z
              .array(z.strictObject({ port: z.int(), protocol: z.enum(['TCP', 'UDP']).optional() }))
              .optional(),
          }),
        )
        .default([])
        .describe('Additional egress rules of its NetworkPolicy.'),
    })
    .prefault({} as never)
    .describe(serviceOf(name).does);
}
