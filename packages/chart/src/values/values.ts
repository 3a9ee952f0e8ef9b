import { byService, serviceNames } from '@mysmtp/contracts';
import { z } from 'zod';
import type { ServiceSettings } from '../facts/load-settings.ts';
import {
  labels,
  objectName,
  objectNameOrEmpty,
  peers,
  port,
  relabelings,
  stringMap,
  threeState,
} from './kubernetes.ts';
import { podSettings } from './pod.ts';
import { services } from './services.ts';
import { variablesOf } from './settings.ts';
import { smtp } from './smtp.ts';

const domain = z
  .string()
  .regex(/^[a-z\d]([a-z\d-]*[a-z\d])?(\.[a-z\d]([a-z\d-]*[a-z\d])?)+$/, 'a domain name');
const secretName = objectName;
const secretKey = z.strictObject({ name: secretName, key: z.string().min(1) });
/** Both shapes in which charts take them. */
const pullSecrets = z.array(z.union([secretName, z.strictObject({ name: secretName })]));
const group = <T extends z.ZodRawShape>(shape: T, text: string) =>
  z
    .strictObject(shape)
    .prefault({} as never)
    .describe(text);

/** A Secret with a key `SERVICE-url` for each service, or a Secret and key of its own for some. */
const urls = (what: string) => ({
  existingSecret: secretName
    .optional()
    .describe(`Secret with ${what} of each service: ${keysOf('', '-url')}.`),
  secrets: z
    .strictObject(byService(() => secretKey.optional()))
    .default({})
    .describe('Other Secrets for single services: `{ingress: {name, key}}`.'),
});
const keysOf = (before: string, after: string) =>
  serviceNames.map((name) => `\`${before}${name}${after}\``).join(', ');

/** All values of the chart, with their defaults and what they mean: the one source of all that is generated. */
export const valuesSchema = (settings: ServiceSettings) =>
  z.strictObject({
    smtpName: domain.describe(
      'Our name towards clients, in the greeting and in `Received:` (SMTP_NAME). The certificate must have it, and DNS must lead it to the LoadBalancer.',
    ),
    ehloName: domain.describe(
      'Our name towards receivers, in EHLO and in reports (EHLO_NAME). It should resolve to the address that the cluster shows to the outside, and that address back to it.',
    ),
    returnPathDomain: domain.describe(
      'Domain of ours to which answers of mail systems go (RETURN_PATH_DOMAIN).',
    ),

    mongodb: group(
      {
        ...urls('a connection string'),
        verifier: group(
          {
            existingSecret: secretName
              .optional()
              .describe(
                `Secret with the connection strings of the verifier of erasures, each of a user with role \`read\`: ${keysOf('verifier-', '-url')}. Unless set, \`mongodb.existingSecret\`.`,
              ),
          },
          'The database users of privacy that may only read.',
        ),
      },
      'MongoDB: a database and a user of its own for each service.',
    ),
    rabbitmq: group(
      {
        ...urls('an AMQP URL'),
        admin: group(
          {
            existingSecret: secretName
              .optional()
              .describe(
                'Secret with an administrator’s URL of the management API, key `management-url`. With it a Job makes the virtual host, users, permissions, exchanges and policies that the URLs above name; without it they have to be there.',
              ),
          },
          'Who may set up the broker.',
        ),
      },
      'RabbitMQ: a user of its own for each service.',
    ),
    backEndsWithoutTls: z
      .boolean()
      .default(false)
      .describe(
        'Accepts URLs of MongoDB and RabbitMQ without TLS, or with TLS that checks no certificate (BACK_ENDS_WITHOUT_TLS). Passwords and data are readable on the way then. For a service mesh that encrypts the way itself.',
      ),
    tls: group(
      {
        existingSecret: secretName.describe(
          'Secret of type kubernetes.io/tls with the certificate for `smtpName`. Read again when it changes.',
        ),
      },
      'The certificate of the SMTP listeners.',
    ),
    internalTls: group(
      {
        existingSecret: secretName
          .optional()
          .describe(
            'Secret with a certificate of each service for the name FULLNAME-SERVICE, `SERVICE.pem`, its key, `SERVICE.key.pem`, and the authority that vouches for them, `ca.pem`. `npm run keys` makes them. Read again when it changes.',
          ),
        certManager: certManager(
          'internalTls',
          'An issuer of an authority of your own (not ACME). Unless set, the chart has one that vouches for nothing else.',
        ),
      },
      'The certificates by which services know each other. One of the two is needed.',
    ),
    apiTls: group(
      {
        existingSecret: secretName
          .optional()
          .describe(
            'Secret with a certificate of each service for its public API, `SERVICE.pem`, and its key, `SERVICE.key.pem`. Read again when it changes.',
          ),
        certManager: certManager(
          'apiTls',
          'The issuer, required with `enabled`. The names are FULLNAME-SERVICE, and the same with the namespace and with `svc`.',
        ),
      },
      'The certificates of the public APIs. Unless one of the two is set, they are those of `internalTls`.',
    ),
    apiWithoutTls: z
      .boolean()
      .default(false)
      .describe(
        'Has the public APIs speak plain HTTP (API_WITHOUT_TLS). Tokens and personal data are readable between the gateway and the pods then. For a proxy in each pod, as of a service mesh, that ends TLS before it.',
      ),
    serviceKeys: group(
      {
        existingSecret: secretName.describe(
          'Secret with an Ed25519 private key (JWK) for each service, `SERVICE.private.jwk.json`, and all public ones (JWK Set), `services.jwks.json`. They sign receipts of erasures.',
        ),
      },
      'The keys by which services sign.',
    ),
    certificateKeys: group(
      {
        existingSecret: secretName.describe(
          'Secret with the keys that sign certificates of erasure (JWK Set with private parts), `certificate.private.jwks.json`: the first signs.',
        ),
      },
      'The keys that sign certificates of erasure.',
    ),
    reportDkim: group(
      {
        existingSecret: secretName
          .optional()
          .describe(
            'Secret with the private key that signs reports to senders (PEM, RSA of 2,048 bits or more), `private.pem`. Without it reports are not signed.',
          ),
        selector: z
          .string()
          .regex(/^[A-Za-z\d-]+(\.[A-Za-z\d-]+)*$/)
          .optional()
          .describe(
            'Its selector: DNS has the public key at `SELECTOR._domainkey.DOMAIN`, the domain of the address that writes the reports (POSTMASTER).',
          ),
      },
      'The DKIM key of reports to senders.',
    ),
    vault: group(
      {
        existingClaim: secretName.describe(
          'PersistentVolumeClaim for the roots of the keyring. Privacy makes and destroys roots every day, so it must be writable: a Secret cannot hold them. On encrypted storage, backed up apart from the databases, copies kept for at most 72 hours.',
        ),
        accessMode: z
          .enum(['ReadWriteOnce', 'ReadWriteMany'])
          .default('ReadWriteOnce')
          .describe(
            'Access mode of the claim. Only with ReadWriteMany may privacy have several pods; with ReadWriteOnce its one pod is replaced, not overlapped.',
          ),
      },
      'Where the roots of the keyring lie. Losing them means losing all that is sealed.',
    ),
    trustedCa: group(
      {
        existingConfigMap: objectNameOrEmpty
          .default('')
          .describe(
            'ConfigMap with certificates (PEM) of authorities that services trust besides the usual ones.',
          ),
        key: z.string().min(1).default('ca.crt').describe('Its key.'),
      },
      'For a MongoDB or RabbitMQ whose certificate is of an authority of your own.',
    ),

    image: group(
      {
        registry: z.string().default('').describe('Registry, such as `registry.example.org`.'),
        repository: z
          .string()
          .min(1)
          .default('mysmtp')
          .describe(
            'What comes before the name of the service: `REGISTRY/REPOSITORY/SERVICE:TAG`.',
          ),
        tag: z.string().default('').describe('Tag; the version of the application unless set.'),
        pullPolicy: z
          .enum(['IfNotPresent', 'Always', 'Never'])
          .default('IfNotPresent')
          .describe('When the kubelet pulls.'),
        pullSecrets: pullSecrets
          .default([])
          .describe('Secrets for the registry: `NAME` or `{name: NAME}`.'),
      },
      'The images.',
    ),

    smtp,

    services: services(settings),
    pod: podSettings(variablesOf(settings)),
    commonLabels: labels.default({}).describe('More labels of all objects and pods.'),
    serviceAccount: group(
      {
        annotations: stringMap
          .default({})
          .describe('Annotations of the ServiceAccounts, such as the identity at a cloud.'),
      },
      'The ServiceAccounts of the services.',
    ),

    firstTenant: group(
      {
        enabled: z
          .boolean()
          .default(false)
          .describe(
            'Makes a tenant at the installation. Its credential is put into a Secret that outlives the release.',
          ),
        name: z.string().default('').describe('Name of the tenant.'),
        owner: z.string().default('').describe('Address of its owner.'),
        domain: z.string().default('').describe('Domain from which it sends.'),
        secretName: objectNameOrEmpty
          .default('')
          .describe(
            'Name of that Secret, with the keys `tenant`, `username`, `password`, `owner-token`, `operator-token`; FULLNAME-first-tenant unless set.',
          ),
      },
      'The first tenant.',
    ),

    networkPolicy: group(
      {
        enabled: z
          .boolean()
          .default(true)
          .describe('Nothing in or out of our pods but what is named.'),
        dns: peers
          .min(1)
          .default([
            {
              namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
              podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
            },
          ])
          .describe(
            'Who answers DNS (port 53), those that DNS_SERVERS of delivery names included. A cache on the nodes needs `ipBlock`.',
          ),
        monitoring: peers
          .default([
            { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } },
          ])
          .describe('Who may read metrics on the operations port.'),
        api: peers
          .default([])
          .describe(
            'Who may call the public APIs (port 8080, HTTPS unless `apiWithoutTls`), such as a gateway. The services call each other on ports of their own.',
          ),
        mongodb: backEnd([27_017], 'MongoDB'),
        rabbitmq: backEnd([5671, 5672], 'RabbitMQ'),
        rabbitmqManagement: backEnd(
          [15_671, 15_672],
          'RabbitMQ’s management API',
          'Needed for `rabbitmq.admin.existingSecret`.',
        ),
        apiServer: backEnd([443, 6443], 'the API server'),
      },
      'NetworkPolicies: all traffic denied, exceptions by name.',
    ),

    monitoring: group(
      {
        serviceMonitor: group(
          {
            enabled: threeState.describe('Lets a Prometheus operator scrape all services.'),
            interval: z
              .string()
              .regex(/^\d+[sm]$/)
              .default('30s')
              .describe('How often.'),
            labels: labels.default({}).describe('Labels by which your Prometheus finds it.'),
            relabelings: relabelings
              .default([])
              .describe('Rules for the labels of targets, before a scrape.'),
            metricRelabelings: relabelings
              .default([])
              .describe('Rules for the labels of samples, after a scrape.'),
          },
          'ServiceMonitor.',
        ),
        prometheusRule: group(
          {
            enabled: threeState.describe('Brings the alerts of `alerts/`.'),
            labels: stringMap.default({}).describe('Labels by which your Prometheus finds it.'),
            runbookBaseUrl: z
              .string()
              .regex(/^https?:\/\/\S*[^\s/]$/)
              .default('https://example.org/mysmtp/blob/main/docs/runbooks')
              .describe(
                'The address of the folder with the runbooks, without a slash at the end. `runbook_url` of each alert and the links of the dashboards begin with it.',
              ),
            additionalRuleLabels: stringMap
              .default({})
              .describe('Labels of each alert, such as the team that gets it.'),
            excludeRules: z
              .array(z.string())
              .default([])
              .describe('Names of alerts that are left out.'),
          },
          'PrometheusRule.',
        ),
        dashboards: group(
          {
            enabled: threeState.describe(
              'Brings the dashboards of `dashboards/`, a ConfigMap each, for Grafana’s sidecar.',
            ),
            annotations: stringMap
              .default({})
              .describe('Annotations, such as the folder in Grafana.'),
          },
          'Dashboards.',
        ),
      },
      'Monitoring: `auto` brings what the cluster has an API for (monitoring.coreos.com/v1), `true` and `false` decide.',
    ),

    fullnameOverride: z
      .string()
      .regex(/^([a-z]([a-z\d-]*[a-z\d])?)?$/)
      .max(40)
      .default('')
      .describe('What the names of all objects begin with; the release’s name unless set.'),

    global: z
      .looseObject({
        imageRegistry: z
          .string()
          .default('')
          .describe('Registry of all images, in the place of `image.registry`.'),
        imagePullSecrets: pullSecrets
          .default([])
          .describe('Secrets for the registry beside `image.pullSecrets`.'),
      })
      .prefault({})
      .describe(
        'What a parent chart sets for all of its dependencies. Other members are for other charts.',
      ),
    enabled: z
      .boolean()
      .optional()
      .describe(
        'For the `condition` of a parent chart: with `false` Helm leaves this chart out. Without a parent chart it changes nothing.',
      ),
  });

/** Certificates that cert-manager makes in the place of a Secret that is there. */
function certManager(of: 'internalTls' | 'apiTls', issuer: string) {
  return group(
    {
      enabled: z
        .boolean()
        .default(false)
        .describe(
          `Lets cert-manager make and renew these certificates, in the place of \`${of}.existingSecret\`.`,
        ),
      issuer: group(
        {
          name: objectNameOrEmpty.default('').describe(issuer),
          kind: z.enum(['Issuer', 'ClusterIssuer']).default('Issuer').describe('Its kind.'),
        },
        'Who signs them.',
      ),
    },
    'Certificates by cert-manager.',
  );
}

/** Where it is has no default: the only one that fits everybody is anywhere, which is no policy. */
function backEnd(ports: number[], what: string, neededFor = 'Needed unless `enabled` is `false`.') {
  return group(
    {
      ports: z.array(port).min(1).default(ports).describe(`Ports of ${what}.`),
      to: peers
        .min(1)
        .optional()
        .describe(
          `Where it is, as a NetworkPolicy names peers: \`[{ipBlock: {cidr: 10.0.0.0/24}}]\`, or by labels. ${neededFor}`,
        ),
    },
    `How ${what} is reached.`,
  );
}
