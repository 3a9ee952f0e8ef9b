import { expect, test } from 'vitest';
import { helm, helmMajors, refusal, type RenderOptions } from './support/helm.ts';
import { chartDir } from '@mysmtp/chart';

const cases: [string, RenderOptions, (string | RegExp)[]][] = [
  ['an unknown value', { set: ['replicas=3'] }, ['replicas']],
  ['an unknown value deep inside', { set: ['services.ingress.replica=3'] }, ['ingress', 'replica']],
  [
    'a setting that the service does not have',
    { set: ['services.ingress.settings.MX_PORT=25'] },
    ['ingress', 'settings', 'MX_PORT'],
  ],
  [
    'a setting that is the chart’s own',
    { set: ['services.ingress.settings.API_PORT=80'] },
    ['settings', 'API_PORT'],
  ],
  [
    'a setting of the wrong kind',
    { set: ['services.delivery.settings.EXPIRY=soon'] },
    ['EXPIRY', 'pattern'],
  ],
  [
    'a word in the place of auto',
    { set: ['monitoring.dashboards.enabled=yes'] },
    ['enabled', 'auto'],
  ],
  [
    'an alert to leave out that is none',
    {
      set: [
        'monitoring.prometheusRule.enabled=true',
        'monitoring.prometheusRule.excludeRules={MysmtpShelfGrowing,MysmtpShelfGrowling}',
      ],
    },
    ['monitoring.prometheusRule.excludeRules: there is no alert MysmtpShelfGrowling'],
  ],
  [
    'runbooks at an address that is none',
    { set: ['monitoring.prometheusRule.runbookBaseUrl=runbooks'] },
    ['runbookBaseUrl'],
  ],
  ['no name towards clients', { without: 'smtpName' }, ['smtpName', /missing|required/]],
  ['no certificate', { without: 'tls' }, ['tls', 'existingSecret', /missing|required/]],
  [
    'no database for a service',
    { without: 'mongodb' },
    ['mongodb.existingSecret is missing, or mongodb.secrets.'],
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
    'a first tenant without a domain',
    { set: ['firstTenant.enabled=true', 'firstTenant.name=A', 'firstTenant.owner=a@example.org'] },
    ['firstTenant.domain is missing'],
  ],
];

for (const major of helmMajors) {
  test.each(cases)(`Helm ${String(major)} refuses %s and says why`, async (_, options, reasons) => {
    const said = await refusal({ helm: major, ...options });
    for (const reason of reasons) expect(said).toMatch(reason);
  });

  test(`Helm ${String(major)} names all that an installation has to say`, async () => {
    const said = await helm(major, 'template', 'mysmtp', chartDir).catch(
      (error: { stderr: string }) => error.stderr,
    );
    for (const name of ['smtpName', 'ehloName', 'returnPathDomain', 'existingClaim']) {
      expect(said).toContain(name);
    }
  });
}
