import { eventually } from '@mysmtp/test-kit';
import { createTransport } from 'nodemailer';
import { expect, test } from 'vitest';
import { call, usageLog } from '../kit/api.ts';
import { openSession } from '../kit/client.ts';
import { commonStack } from '../kit/common-stack.ts';
import { testMessage } from '../kit/load.ts';
import { headerOf, readMaildir } from '../kit/maildir.ts';

const { description } = commonStack();

/** The reply to AUTH from this address of the machine. */
async function authenticate(password: string, localAddress: string): Promise<string> {
  const { smtp, credential } = description();
  const transport = createTransport({
    host: '127.0.0.1',
    port: smtp.tlsPort,
    secure: true,
    tls: { rejectUnauthorized: false },
    localAddress,
    auth: { user: credential.username, pass: password },
  });
  return transport.verify().then(
    () => '235',
    (error: Error & { response?: string }) => error.response ?? error.message,
  );
}

/** The notice with this subject. */
const noticeTo = (owner: string, subject: string) =>
  eventually(
    async () => {
      const found = (await readMaildir(description().mx.maildir)).find(
        ({ deliveredTo, head }) => deliveredTo === owner && headerOf(head, 'Subject') === subject,
      );
      if (found === undefined) throw new Error('No notice yet');
      return found;
    },
    { timeout: 60_000 },
  );

test('somebody guesses the password of a credential: the owner gets a notice, and can send', async () => {
  const { tenant, credential, api } = description();
  const owner = `o@${tenant.domain}`;
  // Ten failures from each of two networks: as many as an account may have.
  for (const network of ['127.0.20.1', '127.0.20.2']) {
    for (let attempt = 0; attempt < 10; attempt += 1) await authenticate('a-guess', network);
    expect(await authenticate(credential.password, network)).toMatch(/^454 4\.7\.0 /);
  }
  const subject = 'Many failed authentications with one of your credentials';
  const notice = await noticeTo(owner, subject);
  expect(headerOf(notice.head, 'From')).toBe('mySMTP <notices@localhost.example.org>');
  expect(headerOf(notice.head, 'Auto-Submitted')).toBe('auto-generated');
  const text = Buffer.from(notice.body.toString(), 'base64').toString();
  expect(text).toContain(credential.username);

  // The customer's own network is not affected, and the notice is in its usage log.
  expect(await authenticate(credential.password, '127.0.0.1')).toBe('235');
  await eventually(async () => {
    expect(await usageLog({ api, tenant }, { recipient: owner })).toMatchObject([
      { sender: 'notices@localhost.example.org', status: 'delivered' },
    ]);
  });
});

test('mail of a sandboxed credential is accepted and logged, and never arrives', async () => {
  const { api, tenant, smtp, mx } = description();
  const made = await call(`${api.identity}/v1/credentials`, tenant.ownerToken, {
    body: { label: 'tests', sandbox: true, purpose: 'to try it', basis: 'contract' },
  });
  expect(made.status).toBe(201);
  const { username, password } = made.body as { username: string; password: string };
  const transport = createTransport({
    host: '127.0.0.1',
    port: smtp.tlsPort,
    secure: true,
    tls: { rejectUnauthorized: false },
    auth: { user: username, pass: password },
  });
  const to = `sandboxed@${tenant.domain}`;
  const mail = { from: `shop@${tenant.domain}`, to, subject: 'Only a try', text: 'x' };
  const { response } = await eventually(() => transport.sendMail(mail), { every: 500 });
  expect(response).toMatch(/^250 2\.0\.0 /);
  await eventually(async () => {
    expect(await usageLog({ api, tenant }, { recipient: to })).toMatchObject([
      { status: 'sandboxed', attempts: [] },
    ]);
  });
  const arrived = await readMaildir(mx.maildir);
  expect(arrived.filter(({ deliveredTo }) => deliveredTo === to)).toEqual([]);
});

// The last test, because the customer may send nothing after it.
test('the limit of a day is used up: the owner gets a notice', async () => {
  const { api, tenant, operator, credential } = description();
  const session = await openSession(description());
  const to = ['reader@example.net'];
  const { message } = testMessage(credential.from, to, 500);
  await session.submit(credential.from, to, message);
  const changed = await call(`${api.identity}/v1/tenants/${tenant.id}`, operator.token, {
    method: 'PATCH',
    body: { limits: { messagesPerDay: 1 } },
  });
  expect(changed.status).toBe(200);
  // Ingress gets the change a moment later.
  const refused = /The limit of messages in a day \(1\) is reached for this account/;
  await eventually(async () => {
    expect((await session.submit(credential.from, to, message)).text).toMatch(refused);
  });
  session.quit();
  const notice = await noticeTo(`o@${tenant.domain}`, 'A quota is used up');
  const text = Buffer.from(notice.body.toString(), 'base64').toString();
  expect(text).toContain('This quota is used up: 1 messages in a day.');
});
