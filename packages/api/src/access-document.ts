import { operatorRoles, serviceNames, tenantRoles, type Role } from '@mysmtp/contracts';
import { apis } from './apis.ts';
import { isPublic, type RouteDefinition } from './definition.ts';
import { permissions, ruleOf } from './permissions.ts';

const heading = `# Who may do what

Generated from \`packages/api/src/access-table.ts\` by \`npm run fix\`. The middleware and the tests read the same table.

- A **person** has the permissions of their role. An **API key** has those of an owner (of an operator, if it belongs to no tenant), or only its **scopes**. A scope has the name of a permission. A key can also be limited to one domain.
- A caller without the permission gets 404, as if the thing did not exist. So does a caller that names a thing of another tenant. Each refusal is logged (\`access.refused\`, \`access.foreign\`) and counted.
- **Fresh factor**: a person must have presented a second factor within the last five minutes. Otherwise the answer is 403 with the problem type \`fresh-factor-required\`. An API key needs none.
- **Break-glass**: the action shows data of a tenant. An operator needs an open access to this tenant (\`POST /v1/accesses\`). What an operator reads, and each act that concerns a tenant, is in the access log of the tenant (\`GET /v1/access-log\`).
`;

const mark = (is: boolean) => (is ? '✓' : '');

const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |\n`;

const table = (heads: readonly string[], rows: readonly (readonly string[])[]) =>
  [row(heads), row(heads.map(() => '---')), ...rows.map(row)].join('');

function tableOf(title: string, roles: readonly Role[], extra: readonly string[]): string {
  const shown = permissions.filter((permission) =>
    ruleOf(permission).roles.some((role) => roles.includes(role)),
  );
  const rows = shown.map((permission) => {
    const { may, roles: own, scope, fresh, breakGlass } = ruleOf(permission);
    const columns: Readonly<Record<string, boolean>> = {
      scope,
      'fresh factor': fresh === true,
      'break-glass': breakGlass === true,
    };
    return [
      `\`${permission}\``,
      may,
      ...roles.map((role) => mark(own.includes(role))),
      ...extra.map((name) => mark(columns[name] === true)),
    ];
  });
  return `\n## ${title}\n\n${table(['permission', 'may', ...roles, ...extra], rows)}`;
}

function domainOf({ access }: RouteDefinition): string {
  if (!('permission' in access)) return '';
  if (access.ofDomain === 'path') return 'its own';
  return access.ofDomain === 'handler' ? 'only about it' : '';
}

function routesTable(): string {
  const routes = serviceNames.flatMap((service) =>
    Object.values<RouteDefinition>(apis[service])
      .filter(isPublic)
      .map((route) => [
        service,
        `\`${route.method.toUpperCase()} ${route.path}\``,
        'permission' in route.access ? `\`${route.access.permission}\`` : 'everybody',
        domainOf(route),
      ]),
  );
  return `\n## Routes\n\n${table(['service', 'route', 'permission', 'key of one domain'], routes)}`;
}

/** The access table for readers: docs/access.md. */
export const accessDocument = (): string =>
  [
    heading,
    tableOf('In a tenant', tenantRoles, ['scope', 'fresh factor']),
    tableOf('Operators', operatorRoles, ['scope', 'fresh factor', 'break-glass']),
    routesTable(),
  ].join('');
