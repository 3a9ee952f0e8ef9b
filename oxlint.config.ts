import { readdirSync } from 'node:fs';
import path from 'node:path';
import { defineConfig, type OxlintConfig } from 'oxlint';

/**
 * What each service has in `src`, from top to bottom. A folder imports only from lines below its own: so
 * no import goes up, and no two folders import each other. What is in no line (`main.ts`, `resources.ts`
 * …) puts the parts together: it imports from all of them, and none of them from it. The first line are the
 * ways in.
 */
const order: Readonly<Record<string, readonly (readonly string[])[]>> = {
  ingress: [
    ['smtp', 'api', 'consumers', 'jobs', 'erasure'],
    ['intake'],
    ['spool', 'telemetry.ts'],
    ['quotas', 'recipients'],
    ['credentials'],
    ['domains'],
    ['memoize-by-key.ts', 'config.ts'],
  ],
  delivery: [
    ['api', 'consumers', 'jobs'],
    ['handling'],
    ['bounces', 'courier', 'events', 'deferred'],
    ['signing', 'sites', 'suppressions', 'telemetry.ts'],
    ['dial', 'core'],
    ['routing', 'message', 'config.ts'],
  ],
  logging: [
    ['api', 'consumers', 'jobs'],
    ['statistics', 'detection'],
    ['messages', 'audit'],
    ['retention', 'restrictions', 'config.ts'],
  ],
  identity: [
    ['api', 'jobs', 'erasure', 'bootstrap'],
    ['stores.ts'],
    ['suspensions'],
    ['accounts'],
    ['tenants', 'domain-checks', 'connections.ts'],
    ['accesses', 'credentials', 'domains', 'tokens', 'notices', 'people', 'providers'],
    ['reservations', 'telemetry.ts', 'encrypted-fields'],
    ['entities', 'config.ts'],
  ],
  privacy: [
    ['api', 'consumers', 'jobs'],
    ['requests', 'public-page'],
    ['rights'],
    ['erasures', 'dead-letters', 'audit-heads', 'consents', 'breaches', 'holds', 'mails', 'orders'],
    ['exports', 'recipients'],
    ['documents'],
    ['certificates', 'tenants', 'verifier'],
    ['keyring'],
    ['vault', 'publish-in-time.ts', 'config.ts'],
  ],
};

const everywhere = [
  {
    group: ['@mysmtp/*/src/*', '@mysmtp/*/dist/*'],
    message: 'A package is used through its index only.',
  },
  {
    group: ['**/services/*', ...Object.keys(order).map((service) => `@mysmtp/${service}`)],
    message: 'Services know each other only through @mysmtp/contracts.',
  },
];

/** What a service does not take from a package. */
const inServices = [
  {
    name: '@mysmtp/erasure',
    importNames: [
      'createTenantGuard',
      'FencedError',
      'openTenantGuard',
      'StaleFencesError',
      'startTenantGuard',
      'TenantGuard',
    ],
    message: 'Only tenants.run of @mysmtp/tenancy leads to what belongs to a tenant.',
  },
  {
    name: '@mysmtp/keys',
    importNames: ['Keyring', 'KeyDestroyedError', 'KeyUnavailableError', 'openKeyring'],
    message: 'Only tenants.run of @mysmtp/tenancy leads to what belongs to a tenant.',
  },
  {
    name: '@mysmtp/tenancy',
    importNames: ['createTenants'],
    message: 'connectService gives the tenants of a service.',
  },
];

/** A rule for each folder of a service that is in the order. */
function boundaries(service: string): NonNullable<OxlintConfig['overrides']> {
  const lines = order[service] ?? [];
  const src = `services/${service}/src`;
  const entries = readdirSync(path.join(import.meta.dirname, src), { withFileTypes: true });
  for (const entry of entries) {
    if (entry.isDirectory() && !lines.flat().includes(entry.name)) {
      throw new Error(`${src}/${entry.name} has no place in the order of oxlint.config.ts`);
    }
  }
  return lines.flatMap((line, at) => {
    const below = lines.slice(at + 1).flat();
    return line.map((name) => {
      const isFolder = !name.endsWith('.ts');
      const others = entries
        .map((entry) => entry.name)
        .filter((other) => other !== name && !below.includes(other));
      const regex = `^${isFolder ? '(\\.\\./)+' : '\\./'}(${others.join('|').replaceAll('.', '\\.')})(/|$)`;
      const message = `It is not below ${name} in the order of oxlint.config.ts.`;
      return {
        files: [`${src}/${name}${isFolder ? '/**' : ''}`],
        rules: {
          'no-restricted-imports': [
            'error',
            { paths: inServices, patterns: [...everywhere, { regex, message }] },
          ],
        },
      };
    });
  });
}

export default defineConfig({
  plugins: ['typescript', 'import', 'unicorn', 'promise', 'node'],
  categories: { correctness: 'error', suspicious: 'error' },
  rules: {
    'import/no-cycle': 'error',
    'typescript/no-explicit-any': 'error',
    'typescript/no-floating-promises': 'error',
    'typescript/no-misused-promises': 'error',
    'typescript/consistent-type-imports': 'error',
    'no-console': 'error',
    eqeqeq: 'error',
    'no-shadow': 'off',
    'unicorn/no-array-sort': 'off',
    'import/no-unassigned-import': 'off',
    'no-underscore-dangle': 'off',
    'no-await-in-loop': 'off',
    'typescript/no-unsafe-type-assertion': 'off',
    'typescript/unbound-method': 'off',
    'no-restricted-imports': ['error', { patterns: everywhere }],
  },
  ignorePatterns: ['**/dist/**', 'packages/client/src/generated/**'],
  overrides: [
    {
      files: ['services/*/src/**'],
      rules: {
        'no-restricted-imports': ['error', { paths: inServices, patterns: everywhere }],
      },
    },
    ...Object.keys(order).flatMap(boundaries),
    { files: ['**/test/**', 'e2e/**'], rules: { 'unicorn/consistent-function-scoping': 'off' } },
  ],
});
