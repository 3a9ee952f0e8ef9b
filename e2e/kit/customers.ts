import type { StackDescription } from '@mysmtp/local-stack';
import { call } from './api.ts';

/** A customer as registered by the operator. */
export interface Customer {
  readonly id: string;
  readonly name: string;
  readonly domain: string;
  readonly owner: string;
  readonly ownerToken: string;
  readonly credential: { readonly username: string; readonly password: string };
}

export async function newCustomer(
  description: StackDescription,
  of: { readonly name: string; readonly domain: string; readonly owner: string },
): Promise<Customer> {
  const { status, body } = await call(
    `${description.api.identity}/v1/tenants`,
    description.operator.token,
    {
      // No public DNS has records of it.
      body: { ...of, vouch: { reason: 'A customer of the tests', withoutDns: true } },
    },
  );
  if (status !== 201) throw new Error(`Registering a customer answered ${String(status)}`);
  const { tenant, ownerToken, credential } = body as {
    tenant: { id: string };
    ownerToken: string;
    credential: Customer['credential'];
  };
  return { ...of, id: tenant.id, ownerToken, credential };
}
