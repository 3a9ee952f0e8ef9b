import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { answeringStores, registry, type SubjectKind } from '@mysmtp/contracts';
import type { StackDescription } from '@mysmtp/local-stack';
import { eventually } from '@mysmtp/test-kit';
import { expect } from 'vitest';
import { call } from './api.ts';
import { run } from './run.ts';

/** An erasure as `GET /v1/erasures/ID` shows it. */
export interface Erasure {
  readonly id: string;
  readonly state: string;
  readonly step: string;
  readonly missing: readonly string[];
  readonly leftovers: readonly string[];
  readonly receipts: readonly { store: string; service: string; deleted: number; jws: string }[];
  readonly certificate: string | null;
}

/** A request for erasure: its URL, and the nonce that only the requester gets. */
export interface Asked {
  readonly url: string;
  readonly nonce: string | undefined;
}

/** With an address, of this person in the data of the tenant. */
export async function askErasure(
  description: StackDescription,
  tenant: string,
  address?: string,
): Promise<Asked> {
  const response = await fetch(`${description.api.privacy}/v1/erasures`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${description.operator.token}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ tenant, address }),
    signal: AbortSignal.timeout(10_000),
  });
  expect(response.status).toBe(202);
  const { nonce } = (await response.json()) as { nonce?: string };
  return { url: `${description.api.privacy}${response.headers.get('location') ?? ''}`, nonce };
}

export async function erasureAt(description: StackDescription, { url }: Asked): Promise<Erasure> {
  const { status, body } = await call(url, description.operator.token);
  expect(status).toBe(200);
  return body as Erasure;
}

/** Waits until an erasure has this state; privacy may be down meanwhile. */
export function erasureReaches(
  description: StackDescription,
  asked: Asked,
  state: string,
  timeout = 180_000,
): Promise<Erasure> {
  return eventually(
    async () => {
      const erasure = await erasureAt(description, asked);
      expect(erasure.state, JSON.stringify(erasure.missing)).toBe(state);
      return erasure;
    },
    { timeout, every: 100 },
  );
}

/** Each store that must answer has answered once. */
export function expectEveryStoreOnce({ receipts }: Erasure, kind: SubjectKind = 'tenant'): void {
  const stores = receipts.map(({ store }) => store).toSorted();
  expect(stores).toEqual([...answeringStores(registry, kind).keys()].toSorted());
}

/** Runs the public command on a certificate, and returns its exit code and output. */
export async function verifyCertificate(
  dir: string,
  erasure: Erasure,
  keys: string,
  more: readonly string[] = [],
): Promise<{ code: number; said: string }> {
  const file = path.join(dir, `${erasure.id}.jws`);
  await writeFile(file, erasure.certificate ?? '');
  const args = ['run', '--silent', 'verify-certificate', '--', file, '--keys', keys, ...more];
  const result = await run('npm', args, { timeout: 60_000 });
  return { code: result.code, said: result.output };
}

export const certificateKeys = (description: StackDescription): string =>
  `${description.api.privacy}/.well-known/jwks.json`;
