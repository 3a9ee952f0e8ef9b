import { z } from 'zod';
import { cidr, port, stringMap } from './kubernetes.ts';

/** The values of a Service for listeners. */
const service = {
  type: z.enum(['LoadBalancer', 'NodePort', 'ClusterIP']),
  annotations: stringMap,
  loadBalancerClass: z.string(),
  loadBalancerIP: z.union([z.ipv4(), z.ipv6(), z.literal('')]),
  sourceRanges: z.array(cidr),
  ipFamilyPolicy: z.enum(['', 'SingleStack', 'PreferDualStack', 'RequireDualStack']),
  ipFamilies: z.array(z.enum(['IPv4', 'IPv6'])).max(2),
};

const serviceMembers = Object.keys(service)
  .map((name) => `\`${name}\``)
  .join(', ');

const listener = (which: string) =>
  z
    .strictObject({
      nodePort: port
        .optional()
        .describe(`Node port for ${which}; by default the cluster chooses one.`),
      service: z
        .strictObject(service)
        .partial()
        .optional()
        .describe(
          `A Service only for ${which}, with its own address: \`{}\`, or values that differ from \`smtp\` (${serviceMembers}). By default the common Service has this port too.`,
        ),
    })
    .prefault({})
    .describe(`The listener for ${which}.`);

export const smtp = z
  .strictObject({
    starttlsPort: port.default(587).describe('Port of the Service for submission with STARTTLS.'),
    tlsPort: port.default(465).describe('Port of the Service for submission with implicit TLS.'),
    networkPort: port
      .optional()
      .describe(
        'Port of the Service for clients that are authorized by their network, without AUTH. Closed by default.',
      ),
    type: service.type.default('LoadBalancer').describe('Type of the Service.'),
    annotations: service.annotations
      .default({})
      .describe('Annotations of the Service, for the cloud’s load balancer.'),
    loadBalancerClass: service.loadBalancerClass.default('').describe('Its `loadBalancerClass`.'),
    loadBalancerIP: service.loadBalancerIP
      .default('')
      .describe('A static address, if the load balancer reads it from here.'),
    sourceRanges: service.sourceRanges
      .default([])
      .describe('Networks (CIDR) of clients; empty: any client.'),
    ipFamilyPolicy: service.ipFamilyPolicy
      .default('')
      .describe('`PreferDualStack` or `RequireDualStack` gives the Service IPv4 and IPv6.'),
    ipFamilies: service.ipFamilies
      .default([])
      .describe('The IP families of the Service, the first one first.'),
    listeners: z
      .strictObject({
        starttls: listener('submission with STARTTLS'),
        tls: listener('submission with implicit TLS'),
        network: listener('clients without AUTH'),
      })
      .prefault({})
      .describe('Differences for single listeners.'),
  })
  .prefault({})
  .describe('The Service of the SMTP listeners, which preserves the client address.');
