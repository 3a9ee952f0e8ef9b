import { byService, serviceOf, type ServiceName } from '@mysmtp/contracts';
import type { Settings } from '@mysmtp/service';
import { z } from 'zod';
import type { ServiceSettings } from '../facts/load-settings.ts';
import { deploymentStrategy, digest, peers, resources, stringMap } from './kubernetes.ts';
import { podOverrides } from './pod.ts';
import { chosenSettings, variablesOf } from './settings.ts';

interface Size {
  readonly replicas: number;
  readonly cpu: string;
  readonly memory: string;
  readonly memoryLimit: string;
  /** While it sleeps, load balancers and proxies learn that the pod goes. */
  readonly preStopSeconds: number;
}

const usual: Size = {
  replicas: 2,
  cpu: '100m',
  memory: '160Mi',
  memoryLimit: '384Mi',
  preStopSeconds: 5,
};

/** What is on the way of mail needs more; of privacy there is one. */
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
          'How its pods are replaced, as a Deployment says it. Unless set, a new pod comes before an old one goes; with a vault of ReadWriteOnce the one pod of privacy is stopped first.',
        ),
      resources: resources([cpu, memory], ['2', memoryLimit]).describe(
        'What a pod asks for, and the most it gets.',
      ),
      preStopSeconds: z
        .int()
        .min(0)
        .default(size.preStopSeconds)
        .describe(
          'How long a pod goes on as before once it is to go, so that nobody is sent to it any more.',
        ),
      terminationGracePeriodSeconds: z
        .int()
        .min(1)
        .optional()
        .describe(
          'How long a pod may take to end. Computed from preStopSeconds and STOP_DEADLINE; a shorter one is refused.',
        ),
      image: z
        .strictObject({ tag: z.string().optional(), digest: digest.optional() })
        .default({})
        .describe(
          'Its image: `tag`, in the place of `image.tag`, or `digest` (`sha256:…`), which pins the image.',
        ),
      imageDigest: digest.optional().describe('The former name of `image.digest`.'),
      serviceAccount: z
        .strictObject({ annotations: stringMap })
        .partial()
        .default({})
        .describe('As `serviceAccount`, for this service alone.'),
      settings: chosenSettings(settings).describe(
        'Settings by environment name, as the README of the service lists them.',
      ),
      pod: podOverrides(variablesTaken).describe('As `pod`, for this service alone.'),
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
        .describe('More rules of its NetworkPolicy for what it may reach.'),
    })
    .prefault({} as never)
    .describe(serviceOf(name).does);
}
