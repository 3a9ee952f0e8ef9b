import { z } from 'zod';
import { cidr, port, stringMap } from './kubernetes.ts';

/** What a Service for listeners may have. */
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
        .describe(`Port of the nodes for ${which}; the cluster chooses one unless set.`),
      service: z
        .strictObject(service)
        .partial()
        .optional()
        .describe(
          `A Service for ${which} alone, with an address of its own: \`{}\`, or what differs from \`smtp\` (${serviceMembers}). Unless set, the common Service has this port too.`,
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
        'Port of the Service for clients that are known by their network and have no AUTH. Closed unless set.',
      ),
    type: service.type.default('LoadBalancer').describe('Type of the Service.'),
    annotations: service.annotations
      .default({})
      .describe('Annotations of the Service, for the cloud’s load balancer.'),
    loadBalancerClass: service.loadBalancerClass.default('').describe('Its `loadBalancerClass`.'),
    loadBalancerIP: service.loadBalancerIP
      .default('')
      .describe('A static address, where the load balancer takes it from here.'),
    sourceRanges: service.sourceRanges
      .default([])
      .describe('Networks (CIDR) of clients; empty: everybody.'),
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
      .describe('What differs for single listeners.'),
  })
  .prefault({})
  .describe('How mail comes in: a Service that keeps the address of the client.');
