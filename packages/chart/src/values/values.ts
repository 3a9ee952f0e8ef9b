import { byService, serviceNames } from '@mysmtp/contracts';
import { z } from 'zod';
import type { ServiceSettings } from '../derived/load-settings.ts';
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
/** Both forms that charts commonly accept. */
const pullSecrets = z.array(z.union([secretName, z.strictObject({ name: secretName })]));
const group = <T extends z.ZodRawShape>(shape: T, text: string) =>
  z
    .strictObject(shape)
    .prefault({} as never)
    .describe(text);

/** A Secret with a key `SERVICE-url` for each service, or a separate Secret and key for some. */
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

/** All values of the chart, with their defaults and descriptions: the only source of the generated files. */
export const valuesSchema = (settings: ServiceSettings) =>
  z.strictObject({
    smtpName: domain.describe(
      'Our name for clients, in the greeting and in `Received:` (SMTP_NAME). The certificate must contain it, and DNS must resolve it to the LoadBalancer.',
    ),
    ehloName: domain.describe(
      'Our name for receivers, in EHLO and in DSNs (EHLO_NAME). It should resolve to the egress address of the cluster, and that address back to it.',
    ),
    returnPathDomain: domain.describe(
      'Our domain for replies of mail systems (RETURN_PATH_DOMAIN).',
    ),
    noticesFrom: z
      .email()
      .optional()
      .describe(
        'Author of notices by mail to people who have accounts, for example about a new device (NOTICES_FROM). They are not signed, so the SPF record of its domain must name the egress address of the cluster. Without it such notices are not sent.',
      ),

    mongodb: group(
      {
        ...urls('a connection string'),
        verifier: group(
          {
            existingSecret: secretName
              .optional()
              .describe(
                `Secret with the connection strings of the verifier of erasures, each of a user with role \`read\`: ${keysOf('verifier-', '-url')}. The default is \`mongodb.existingSecret\`.`,
              ),
          },
          'The read-only database users of privacy.',
        ),
      },
      'MongoDB: a separate database and user for each service.',
    ),
    rabbitmq: group(
      {
        ...urls('an AMQP URL'),
        admin: group(
          {
            existingSecret: secretName
              .optional()
              .describe(
                'Secret with an administrator’s URL of the management API, key `management-url`. With it a Job creates the virtual host, users, permissions, exchanges and policies that the URLs above name; without it they must exist.',
              ),
          },
          'The administrator who sets up the broker.',
        ),
      },
      'RabbitMQ: a separate user for each service.',
    ),
    backEndsWithoutTls: z
      .boolean()
      .default(false)
      .describe(
        'Accepts URLs of MongoDB and RabbitMQ without TLS, or with TLS that checks no certificate (BACK_ENDS_WITHOUT_TLS). Passwords and data are then readable in transit. For a service mesh that encrypts the traffic.',
      ),
    tls: group(
      {
        existingSecret: secretName.describe(
          'Secret of type kubernetes.io/tls with the certificate for `smtpName`. Read again if it changes.',
        ),
      },
      'The certificate of the SMTP listeners.',
    ),
    internalTls: group(
      {
        existingSecret: secretName
          .optional()
          .describe(
            'Secret with a certificate of each service for the name FULLNAME-SERVICE, `SERVICE.pem`, its key, `SERVICE.key.pem`, and their authority, `ca.pem`. `npm run keys` creates them. Read again if it changes.',
          ),
        certManager: certManager(
          'internalTls',
          'An issuer of your own authority (not ACME). By default the chart creates one that signs nothing else.',
        ),
      },
      'The certificates for connections between services. One of the two is required.',
    ),
    apiTls: group(
      {
        existingSecret: secretName
          .optional()
          .describe(
            'Secret with a certificate of each service for its public API, `SERVICE.pem`, and its key, `SERVICE.key.pem`. Read again if it changes.',
          ),
        certManager: certManager(
          'apiTls',
          'The issuer, required with `enabled`. The names are FULLNAME-SERVICE, and the same with the namespace and with `svc`.',
        ),
      },
      'The certificates of the public APIs. By default they are those of `internalTls`.',
    ),
    apiWithoutTls: z
      .boolean()
      .default(false)
      .describe(
        'Makes the public APIs use plain HTTP (API_WITHOUT_TLS). Tokens and personal data are then readable between the gateway and the pods. For a proxy in each pod, as of a service mesh, that terminates TLS in front of it.',
      ),
    serviceKeys: group(
      {
        existingSecret: secretName.describe(
          'Secret with an Ed25519 private key (JWK) for each service, `SERVICE.private.jwk.json`, and all public ones (JWK Set), `services.jwks.json`. They sign receipts of erasures.',
        ),
      },
      'The signing keys of the services.',
    ),
    certificateKeys: group(
      {
        existingSecret: secretName.describe(
          'Secret with the keys that sign certificates of erasure (JWK Set with private parts), `certificate.private.jwks.json`: the first one signs.',
        ),
      },
      'The keys that sign certificates of erasure.',
    ),
    operator: group(
      {
        existingConfigMap: objectName.describe(
          'ConfigMap with facts about the operator, `operator.json`: who it is, where the system runs, who works for it. Privacy makes the privacy notice and the other documents from it. docs/governance.md describes it.',
        ),
      },
      'Who runs the system.',
    ),
    dsnDkim: group(
      {
        existingSecret: secretName
          .optional()
          .describe(
            'Secret with the private key that signs DSNs (PEM, RSA of 2,048 bits or more), `private.pem`. Without it DSNs are not signed.',
          ),
        selector: z
          .string()
          .regex(/^[A-Za-z\d-]+(\.[A-Za-z\d-]+)*$/)
          .optional()
          .describe(
            'Its selector: DNS has the public key at `SELECTOR._domainkey.DOMAIN`, with the domain of the sender of DSNs (POSTMASTER).',
          ),
      },
      'The DKIM key of DSNs (delivery status notifications).',
    ),
    vault: group(
      {
        existingClaim: secretName.describe(
          'PersistentVolumeClaim for the roots of the keyring. Privacy creates and destroys roots every day, so it must be writable: a Secret cannot hold them. On encrypted storage, backed up separately from the databases, with copies kept for at most 72 hours.',
        ),
        accessMode: z
          .enum(['ReadWriteOnce', 'ReadWriteMany'])
          .default('ReadWriteOnce')
          .describe(
            'Access mode of the claim. Privacy may have several pods only with ReadWriteMany; with ReadWriteOnce its one pod is stopped before the new one starts.',
          ),
      },
      'The storage of the roots of the keyring. If they are lost, all sealed data is lost.',
    ),
    trustedCa: group(
      {
        existingConfigMap: objectNameOrEmpty
          .default('')
          .describe(
            'ConfigMap with certificates (PEM) of authorities that services trust in addition to the public ones.',
          ),
        key: z.string().min(1).default('ca.crt').describe('Its key.'),
      },
      'For a MongoDB or RabbitMQ whose certificate is signed by your own authority.',
    ),

    image: group(
      {
        registry: z.string().default('').describe('Registry, such as `registry.example.org`.'),
        repository: z
          .string()
          .min(1)
          .default('mysmtp')
          .describe('Prefix of the service’s name: `REGISTRY/REPOSITORY/SERVICE:TAG`.'),
        tag: z.string().default('').describe('Tag. The default is the version of the application.'),
        pullPolicy: z
          .enum(['IfNotPresent', 'Always', 'Never'])
          .default('IfNotPresent')
          .describe('Pull policy of the kubelet.'),
        pullSecrets: pullSecrets
          .default([])
          .describe('Secrets for the registry: `NAME` or `{name: NAME}`.'),
      },
      'The images.',
    ),

    smtp,

    services: services(settings),
    pod: podSettings(variablesOf(settings)),
    commonLabels: labels.default({}).describe('Additional labels of all objects and pods.'),
    serviceAccount: group(
      {
        annotations: stringMap
          .default({})
          .describe('Annotations of the ServiceAccounts, such as a cloud identity.'),
      },
      'The ServiceAccounts of the services.',
    ),

    firstTenant: group(
      {
        enabled: z
          .boolean()
          .default(false)
          .describe(
            'Creates a tenant at the installation. Its credential is stored in a Secret that outlives the release.',
          ),
        name: z.string().default('').describe('Name of the tenant.'),
        owner: z.string().default('').describe('Address of its owner.'),
        domain: z.string().default('').describe('Its sender domain.'),
        secretName: objectNameOrEmpty
          .default('')
          .describe(
            'Name of that Secret, with the keys `tenant`, `username`, `password`, `owner-token`, `operator-token`. The default is FULLNAME-first-tenant.',
          ),
      },
      'The first tenant.',
    ),

    networkPolicy: group(
      {
        enabled: z
          .boolean()
          .default(true)
          .describe('Denies all traffic of our pods except the named peers.'),
        dns: peers
          .min(1)
          .default([
            {
              namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
              podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
            },
          ])
          .describe(
            'Peers that answer DNS (port 53), including those in DNS_SERVERS of delivery and identity. A cache on the nodes needs `ipBlock`.',
          ),
        monitoring: peers
          .default([
            { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } },
          ])
          .describe('Peers that may read metrics on the operations port.'),
        api: peers
          .default([])
          .describe(
            'Peers that may call the public APIs (port 8080, HTTPS unless `apiWithoutTls`), such as a gateway. The services call each other on separate ports.',
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
              .describe('Relabeling of targets, before a scrape.'),
            metricRelabelings: relabelings
              .default([])
              .describe('Relabeling of samples, after a scrape.'),
          },
          'ServiceMonitor.',
        ),
        prometheusRule: group(
          {
            enabled: threeState.describe('Installs the alerts of `alerts/`.'),
            labels: stringMap.default({}).describe('Labels by which your Prometheus finds it.'),
            runbookBaseUrl: z
              .string()
              .regex(/^https?:\/\/\S*[^\s/]$/)
              .default('https://example.org/mysmtp/blob/main/docs/runbooks')
              .describe(
                'The URL of the folder with the runbooks, without a slash at the end. It is the prefix of each alert’s `runbook_url` and of the links of the dashboards.',
              ),
            additionalRuleLabels: stringMap
              .default({})
              .describe('Additional labels of each alert, such as the team that receives it.'),
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
              'Installs the dashboards of `dashboards/`, a ConfigMap each, for Grafana’s sidecar.',
            ),
            annotations: stringMap
              .default({})
              .describe('Annotations, such as the folder in Grafana.'),
          },
          'Dashboards.',
        ),
      },
      'Monitoring: `auto` installs the objects whose API the cluster has (monitoring.coreos.com/v1), `true` and `false` override it.',
    ),

    fullnameOverride: z
      .string()
      .regex(/^([a-z]([a-z\d-]*[a-z\d])?)?$/)
      .max(40)
      .default('')
      .describe('Prefix of all object names. The default is the release’s name.'),

    global: z
      .looseObject({
        imageRegistry: z
          .string()
          .default('')
          .describe('Registry of all images. Overrides `image.registry`.'),
        imagePullSecrets: pullSecrets
          .default([])
          .describe('Secrets for the registry in addition to `image.pullSecrets`.'),
      })
      .prefault({})
      .describe(
        'Values that a parent chart sets for all of its dependencies. Other members are for other charts.',
      ),
    enabled: z
      .boolean()
      .optional()
      .describe(
        'For the `condition` of a parent chart: with `false` Helm leaves this chart out. Without a parent chart it changes nothing.',
      ),
  });

/** Certificates by cert-manager instead of an existing Secret. */
function certManager(of: 'internalTls' | 'apiTls', issuer: string) {
  return group(
    {
      enabled: z
        .boolean()
        .default(false)
        .describe(
          `Lets cert-manager create and renew these certificates, instead of \`${of}.existingSecret\`.`,
        ),
      issuer: group(
        {
          name: objectNameOrEmpty.default('').describe(issuer),
          kind: z.enum(['Issuer', 'ClusterIssuer']).default('Issuer').describe('Its kind.'),
        },
        'The issuer.',
      ),
    },
    'Certificates by cert-manager.',
  );
}

/** The peers have no default, because the only universal one is "anywhere", which is no policy. */
function backEnd(ports: number[], what: string, neededFor = 'Needed unless `enabled` is `false`.') {
  return group(
    {
      ports: z.array(port).min(1).default(ports).describe(`Ports of ${what}.`),
      to: peers
        .min(1)
        .optional()
        .describe(
          `Its peers, in the form of a NetworkPolicy: \`[{ipBlock: {cidr: 10.0.0.0/24}}]\`, or by labels. ${neededFor}`,
        ),
    },
    `Access to ${what}.`,
  );
}
