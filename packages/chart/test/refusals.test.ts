import { expect, test } from 'vitest';
import { helm, helmMajors, refusal, type RenderOptions } from './support/helm.ts';
import { chartDir } from '@mysmtp/chart';

/** The path of a value, as Helm 3 or Helm 4 writes it. */
const at = (...path: string[]) =>
  new RegExp(`(^|\\s|- )${path.join('\\.')}:|'/${path.join('/')}'`, 'm');

const cases: [string, RenderOptions, (string | RegExp)[]][] = [
  ['an unknown value', { set: ['replicas=3'] }, ['replicas']],
  ['an unknown value deep inside', { set: ['services.ingress.replica=3'] }, ['ingress', 'replica']],
  [
    'a setting that the service does not have',
    { set: ['services.ingress.settings.MX_PORT=25'] },
    ['ingress', 'settings', 'MX_PORT'],
  ],
  [
    'a setting that the chart sets itself',
    { set: ['services.ingress.settings.API_PORT=80'] },
    ['settings', 'API_PORT'],
  ],
  [
    'a setting of the wrong type',
    { set: ['services.delivery.settings.EXPIRY=soon'] },
    ['EXPIRY', 'pattern'],
  ],
  [
    'MongoDB without peers',
    { without: 'networkPolicy.mongodb' },
    ['networkPolicy.mongodb.to is missing: where it is'],
  ],
  [
    'RabbitMQ without peers',
    { without: 'networkPolicy.rabbitmq' },
    ['networkPolicy.rabbitmq.to is missing: where it is'],
  ],
  [
    'an API server without peers',
    { without: 'networkPolicy.apiServer' },
    ['networkPolicy.apiServer.to is missing: where it is'],
  ],
  [
    'a management API without peers, if it is used to set up the broker',
    { example: 'production', without: 'networkPolicy.rabbitmqManagement' },
    ['networkPolicy.rabbitmqManagement.to is missing: where it is'],
  ],
  [
    'name servers without peers',
    { set: ['networkPolicy.dns=null'] },
    ['networkPolicy.dns is missing'],
  ],
  ['a word instead of auto', { set: ['monitoring.dashboards.enabled=yes'] }, ['enabled', 'auto']],
  [
    'an excluded alert that does not exist',
    {
      set: [
        'monitoring.prometheusRule.enabled=true',
        'monitoring.prometheusRule.excludeRules={MysmtpDeferredQueueGrowing,MysmtpQueueGrowling}',
      ],
    },
    ['monitoring.prometheusRule.excludeRules: there is no alert MysmtpQueueGrowling'],
  ],
  [
    'an invalid address of runbooks',
    { set: ['monitoring.prometheusRule.runbookBaseUrl=runbooks'] },
    ['runbookBaseUrl'],
  ],
  [
    'values that no cluster would accept, each by its name',
    {
      set: [
        'smtp.sourceRanges={203.0.113.0/33}',
        'smtp.ipFamilies={IPv5}',
        'smtp.listeners.tls.service.type=ExternalName',
        'networkPolicy.mongodb.to[0].ipBlock.cidr=10.0.0.1',
        'image.pullSecrets={Bad_Name}',
        'tls.existingSecret=Bad_Name',
        'services.ingress.image.digest=latest',
        'services.ingress.replicas=-1',
        'services.delivery.strategy.rollingUpdate.maxSurge=many',
        'pod.securityContext.runAsUser=root',
        'pod.dnsConfig.nameservers={dns.example.org}',
        'pod.extraVolumeMounts[0].name=data',
        'pod.extraVolumeMounts[0].mountPath=data',
      ],
    },
    [
      at('smtp', 'sourceRanges', '0'),
      at('smtp', 'ipFamilies', '0'),
      at('smtp', 'listeners', 'tls', 'service', 'type'),
      at('networkPolicy', 'mongodb', 'to', '0', 'ipBlock', 'cidr'),
      at('image', 'pullSecrets', '0'),
      at('tls', 'existingSecret'),
      at('services', 'ingress', 'image', 'digest'),
      at('services', 'ingress', 'replicas'),
      at('services', 'delivery', 'strategy', 'rollingUpdate', 'maxSurge'),
      at('pod', 'securityContext', 'runAsUser'),
      at('pod', 'dnsConfig', 'nameservers', '0'),
      at('pod', 'extraVolumeMounts', '0', 'mountPath'),
    ],
  ],
  [
    'names that the chart uses itself',
    {
      set: [
        'pod.extraEnv.NODE_EXTRA_CA_CERTS=file',
        'services.ingress.pod.extraEnv.SIZE_LIMIT=1M',
        'pod.extraVolumes[0].name=vault',
        'pod.labels.app\\.kubernetes\\.io/name=other',
        'commonLabels.helm\\.sh/chart=other',
      ],
    },
    [
      // Helm 4 names only the member.
      'NODE_EXTRA_CA_CERTS',
      'SIZE_LIMIT',
      at('pod', 'extraVolumes', '0', 'name'),
      'app.kubernetes.io/name',
      'helm.sh/chart',
    ],
  ],
  ['no name for clients', { without: 'smtpName' }, ['smtpName', /missing|required/]],
  ['no certificate', { without: 'tls' }, ['tls', 'existingSecret', /missing|required/]],
  [
    'no certificates between services',
    { without: 'internalTls' },
    ['internalTls.existingSecret is missing, or internalTls.certManager.enabled'],
  ],
  [
    'certificates between services from two sources',
    { set: ['internalTls.certManager.enabled=true'] },
    ['internalTls.existingSecret is set, and internalTls.certManager.enabled too'],
  ],
  [
    'certificates of the public APIs from two sources',
    {
      set: [
        'apiTls.existingSecret=api-tls',
        'apiTls.certManager.enabled=true',
        'apiTls.certManager.issuer.name=gateway',
      ],
    },
    ['apiTls.existingSecret is set, and apiTls.certManager.enabled too'],
  ],
  [
    'certificates of the public APIs without an issuer',
    { set: ['apiTls.certManager.enabled=true'] },
    ['apiTls.certManager.issuer.name is missing'],
  ],
  [
    'certificates of public APIs that speak plain HTTP',
    { set: ['apiWithoutTls=true', 'apiTls.existingSecret=api-tls'] },
    ['apiWithoutTls is true, and apiTls is set too'],
  ],
  [
    'plain HTTP as a setting of one service',
    { set: ['services.ingress.settings.API_WITHOUT_TLS=true'] },
    ['settings', 'API_WITHOUT_TLS'],
  ],
  [
    'no database for a service',
    { without: 'mongodb' },
    ['mongodb.existingSecret is missing, or mongodb.secrets.'],
  ],
  [
    'mail that is kept longer than its key',
    { set: ['services.ingress.settings.SPOOL_RETENTION=169h'] },
    ['services.ingress.settings.SPOOL_RETENTION is 169h', 'MAIL_KEY_DAYS is 7', 'at most 7d'],
  ],
  [
    'keys that end before the attempts do',
    { set: ['services.privacy.settings.MAIL_KEY_DAYS=5'] },
    ['services.delivery.settings.EXPIRY is 5d', 'MAIL_KEY_DAYS is 5', 'at most 4d'],
  ],
  [
    'a usage log that is kept longer than its keys',
    { set: ['services.privacy.settings.EVENTS_KEY_DAYS=30'] },
    ['services.logging.settings.USAGE_LOG_LONGEST is 30d', 'EVENTS_KEY_DAYS is 30'],
  ],
  [
    'dead letters that are kept longer than their keys',
    { set: ['services.privacy.settings.DEAD_LETTER_RETENTION=31d'] },
    ['services.privacy.settings.DEAD_LETTER_RETENTION is 31d', 'EVENTS_KEY_DAYS is 31'],
  ],
  [
    'a grace period shorter than stopping takes',
    { set: ['services.delivery.terminationGracePeriodSeconds=60'] },
    [
      'services.delivery.terminationGracePeriodSeconds is 60, but preStopSeconds (5) and STOP_DEADLINE (320s) take 325',
    ],
  ],
  [
    'a stop deadline that outgrows the grace period',
    {
      example: 'production',
      set: ['services.delivery.settings.STOP_DEADLINE=10m'],
    },
    ['STOP_DEADLINE (10m) take 605'],
  ],
  [
    'several pods on a volume for one',
    { set: ['services.privacy.replicas=2'] },
    ['services.privacy.replicas is 2', 'ReadWriteMany'],
  ],
  [
    'a new pod beside the old one on a volume for one',
    { set: ['services.privacy.strategy.type=RollingUpdate'] },
    ['services.privacy.strategy is RollingUpdate', 'ReadWriteOnce'],
  ],
  [
    'a rolling update although pods are stopped first',
    {
      set: [
        'services.logging.strategy.type=Recreate',
        'services.logging.strategy.rollingUpdate.maxSurge=1',
      ],
    },
    ['services.logging.strategy.rollingUpdate is set, but the type is Recreate'],
  ],
  [
    'a port of the nodes for a Service inside the cluster',
    { set: ['smtp.type=ClusterIP', 'smtp.listeners.tls.nodePort=30465'] },
    ['smtp.listeners.tls.nodePort is set, but its Service has type ClusterIP'],
  ],
  [
    'a Service for a closed listener',
    { set: ['smtp.listeners.network.service.type=ClusterIP'] },
    ['smtp.listeners.network is set, but smtp.networkPort is not'],
  ],
  [
    'a first tenant without a domain',
    { set: ['firstTenant.enabled=true', 'firstTenant.name=A', 'firstTenant.owner=a@example.org'] },
    ['firstTenant.domain is missing'],
  ],
  [
    'a DKIM key of DSNs without its selector',
    { set: ['dsnDkim.existingSecret=dsn-dkim'] },
    ['dsnDkim.selector is missing'],
  ],
  [
    'a selector of DSNs without its key',
    { set: ['dsnDkim.selector=dsn'] },
    ['dsnDkim.existingSecret is missing'],
  ],
];

for (const major of helmMajors) {
  test.each(cases)(
    `Helm ${String(major)} refuses %s and gives the reason`,
    async (_, options, reasons) => {
      const said = await refusal({ helm: major, ...options });
      for (const reason of reasons) expect(said).toMatch(reason);
    },
  );

  test(`Helm ${String(major)} names all required values`, async () => {
    const said = await helm(major, 'template', 'mysmtp', chartDir).catch(
      (error: { stderr: string }) => error.stderr,
    );
    for (const name of ['smtpName', 'ehloName', 'returnPathDomain', 'existingClaim']) {
      expect(said).toContain(name);
    }
  });
}
