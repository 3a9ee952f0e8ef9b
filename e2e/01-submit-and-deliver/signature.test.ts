import { randomUUID } from 'node:crypto';
import { eventually } from '@mysmtp/test-kit';
import { dkimVerify } from 'mailauth/lib/dkim/verify.js';
import { expect, test } from 'vitest';
import { call, usageLog } from '../kit/api.ts';
import { openSession } from '../kit/client.ts';
import { commonStack } from '../kit/common-stack.ts';
import { testMessage } from '../kit/load.ts';
import { readMaildir, type Delivered } from '../kit/maildir.ts';

const { description } = commonStack();

async function send(): Promise<{ mail: Delivered; answer: string }> {
  const to = [`reader-${randomUUID()}@example.net`];
  const session = await openSession(description());
  const { id, message } = testMessage(description().credential.from, to, 2_000);
  const { text } = await session.submit(description().credential.from, to, message);
  session.quit();
  const mail = await eventually(async () => {
    const found = (await readMaildir(description().mx.maildir)).find((copy) => copy.id === id);
    expect(found).toBeDefined();
    return found!;
  });
  return { mail, answer: text };
}

async function ownDomain(): Promise<{ id: string; signing: string }> {
  const { api, tenant } = description();
  const answer = await call(`${api.identity}/v1/domains`, tenant.ownerToken);
  const { domains } = answer.body as { domains: { id: string; name: string; signing: string }[] };
  return domains.find(({ name }) => name === tenant.domain)!;
}

/** Verifies as a receiver does, with the records that delivery gives the owner to publish. */
async function verify(mail: Delivered): Promise<string[]> {
  const { api, tenant } = description();
  const domain = await ownDomain();
  const answer = await call(`${api.delivery}/v1/domains/${domain.id}/dkim`, tenant.ownerToken);
  const { records } = answer.body as { records: { name: string; type: string; value: string }[] };
  const resolver = async (name: string, type: string) => {
    const values = records.filter((record) => record.name === name && record.type === type);
    if (values.length === 0) throw Object.assign(new Error('no such name'), { code: 'ENOTFOUND' });
    return values.map(({ value }) => [value]);
  };
  const raw = Buffer.concat([
    // Without the lines that the Maildir adds.
    Buffer.from(mail.head.split('\r\n').slice(2).join('\r\n'), 'latin1'),
    Buffer.from('\r\n\r\n'),
    mail.body,
  ]);
  const { results } = await dkimVerify(raw, { resolver });
  return results.map(({ algo, status }) => `${algo ?? ''} ${status.result}`);
}

/** Delivery signs with Ed25519 once identity knows the key. */
const sendSigned = (): Promise<Delivered> =>
  eventually(async () => {
    const { mail } = await send();
    expect(await verify(mail)).toEqual(['rsa-sha256 pass', 'ed25519-sha256 pass']);
    return mail;
  });

test('both signatures verify with the records that the owner publishes (RFC 6376, 8463)', async () => {
  const { head } = await sendSigned();
  const domains = head.matchAll(/^DKIM-Signature:[^:]*?\bd=([^;]+);/gm);
  const { domain } = description().tenant;
  expect([...domains].map(([, name]) => name)).toEqual([domain, domain]);
});

test('a message that is changed in transit does not verify', async () => {
  const mail = await sendSigned();
  const body = Buffer.concat([mail.body, Buffer.from('One more line.\r\n')]);
  expect(await verify({ ...mail, body })).toEqual(['rsa-sha256 neutral', 'ed25519-sha256 neutral']);
  const head = mail.head.replace(/^From: /m, 'From: someone@example.net\r\nFrom: ');
  expect(await verify({ ...mail, head })).toEqual(['rsa-sha256 fail', 'ed25519-sha256 fail']);
});

test('mail of a domain whose owner signs is unchanged', async () => {
  const { api, tenant } = description();
  const { id } = await ownDomain();
  const patch = (signing: string) =>
    call(`${api.identity}/v1/domains/${id}`, tenant.ownerToken, {
      method: 'PATCH',
      body: { signing },
    });
  expect((await patch('customer')).status).toBe(200);
  await eventually(async () => {
    expect((await send()).mail.head).not.toMatch(/^DKIM-Signature:/m);
  });
  expect((await patch('ours')).status).toBe(200);
});

test('the 250 contains the id that the usage log shows', async () => {
  const { answer, mail } = await send();
  const id = /[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}/.exec(answer)?.[0];
  expect(id).toBeDefined();
  await eventually(async () => {
    const rows = await usageLog(description(), {
      recipient: mail.deliveredTo.replaceAll(/[<>]/g, ''),
    });
    expect(rows).toMatchObject([{ id, status: 'delivered' }]);
  });
});
