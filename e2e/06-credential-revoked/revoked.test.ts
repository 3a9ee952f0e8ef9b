import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '@mysmtp/test-kit';
import { createTransport } from 'nodemailer';
import { expect, test } from 'vitest';
import { call } from '../kit/api.ts';
import { openSession } from '../kit/client.ts';
import { commonStack } from '../kit/common-stack.ts';
import { testMessage } from '../kit/load.ts';

const { description, demo } = commonStack();

const to = ['reader@example.net'];
const message = (from: string) => testMessage(from, to, 500).message;

async function make(body: unknown): Promise<{ id: string; username: string; password: string }> {
  const { api, tenant } = description();
  const made = await call(`${api.identity}/v1/credentials`, tenant.ownerToken, { body });
  expect(made.status).toBe(201);
  return made.body as { id: string; username: string; password: string };
}

async function revoke(id: string, { api, tenant } = description()): Promise<void> {
  const url = `${api.identity}/v1/credentials/${id}`;
  const gone = await call(url, tenant.ownerToken, { method: 'DELETE' });
  expect(gone.status).toBe(204);
}

const refusal = async (credential: { username: string; password: string }) =>
  openSession(description(), credential).then(
    () => 'accepted',
    (error: Error & { response?: string }) => error.response ?? error.message,
  );

test('a new credential works within a second, a revoked one is refused within a second', async () => {
  const credential = await make({ label: 'e2e' });
  await sleep(1_000);
  const session = await openSession(description(), credential);
  expect(
    (
      await session.submit(
        description().credential.from,
        to,
        message(description().credential.from),
      )
    ).code,
  ).toBe(250);

  await revoke(credential.id);
  await sleep(1_000);
  const after = await refusal(credential);
  expect(after).toMatch(/^535 5\.7\.8 /);
  const never = await refusal({ username: `${credential.username}x`, password: 'never existed' });
  expect(after).toBe(never);

  const open = await session.submit(
    description().credential.from,
    to,
    message(description().credential.from),
  );
  expect(open.code).toBeGreaterThanOrEqual(400);
  session.quit();
  // The others are not affected.
  expect(await refusal(description().credential)).toBe('accepted');
});

test('a network credential admits its network, and no client after its revocation', async () => {
  const { smtp, credential, api, tenant } = demo();
  const submit = () => {
    const transport = createTransport({
      host: '127.0.0.1',
      port: smtp.networkPort!,
      ignoreTLS: true,
    });
    return transport
      .sendMail({ envelope: { from: credential.from, to }, raw: message(credential.from) })
      .then(
        ({ response }) => response,
        (error: Error & { response?: string }) => error.response ?? error.message,
      );
  };
  await eventually(async () => expect(await submit()).toMatch(/^250 /));
  const list = await call(`${api.identity}/v1/credentials`, tenant.ownerToken);
  const { credentials } = list.body as { credentials: { id: string; type: string }[] };
  const network = credentials.find(({ type }) => type === 'network');
  await revoke(network!.id, demo());
  await sleep(1_000);
  // A greeting has no enhanced status code (RFC 2034 3).
  expect(await submit()).toMatch(/^554 /);
});
