import { ingressApi } from '@mysmtp/api';
import type { DomainState } from '@mysmtp/contracts';
import { Problem, problems, serve } from '@mysmtp/http';
import { seal } from '@mysmtp/seal';
import * as kit from '@mysmtp/test-kit/neighbours';

/** Fakes of identity, privacy and ingress with the APIs that delivery uses. */
export interface Neighbours extends kit.Neighbours {
  readonly urls: kit.Neighbours['urls'] & { readonly ingress: string };
  /** Chunks of spooled messages by spool id, sealed. */
  readonly spool: Map<string, Buffer[]>;
}

export interface TestDomain {
  readonly id: string;
  readonly tenant: string;
  readonly name: string;
}

/** The operator's token is `operator`. */
export async function startNeighbours(
  tenants: readonly string[],
  domains: readonly TestDomain[],
): Promise<Neighbours> {
  const neighbours = await kit.startNeighbours();
  for (const tenant of tenants) neighbours.knowTenant(tenant);
  neighbours.knowToken('operator', 'operator', null);
  for (const domain of domains) knowDomain(neighbours, domain);
  const spool = new Map<string, Buffer[]>();
  const ingress = await neighbours.serve(
    'ingress',
    ...serve({ readSpool: ingressApi.readSpool })({
      readSpool: async ({ body }) => {
        if (neighbours.away.has('ingress')) throw problems.unavailable('Not now');
        const chunk = spool.get(body.id)?.[body.chunk];
        if (chunk === undefined) throw new Problem('gone');
        return { status: 200, body: chunk };
      },
    }),
  );
  return Object.assign(neighbours, { urls: { ...neighbours.urls, ingress }, spool });
}

function knowDomain(neighbours: kit.Neighbours, domain: TestDomain): void {
  neighbours.know({ entity: 'domain', id: domain.id, state: stateOf(neighbours, domain) });
}

/** The state of a domain of an earlier release, which says nothing about DNS. */
export function stateOf(neighbours: kit.Neighbours, { id, tenant, name }: TestDomain): DomainState {
  const context = { tenant, keyId: 'account', record: `domains:${id}:name` };
  const sealed = seal(neighbours.keyOf(tenant, 'account'), context, Buffer.from(name));
  return {
    tenant,
    name: sealed.toString('base64'),
    nameIndex: `index-of-${id}`,
    signing: 'ours',
  };
}
