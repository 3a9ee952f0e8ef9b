import { serviceNames } from '@mysmtp/contracts';
import { beforeAll, expect, test } from 'vitest';
import { searchDocuments, searchFiles } from '../09-tenant-erased/search.ts';
import { createFinder } from '../09-tenant-erased/find.ts';
import { eventually } from '@mysmtp/test-kit';
import { call, usageLog } from '../kit/api.ts';
import { openSession } from '../kit/client.ts';
import { testMessage } from '../kit/load.ts';
import { commonStack } from '../kit/common-stack.ts';
import { installDebian } from '../kit/install.ts';
import { run } from '../kit/run.ts';
import { password, peopleOf, type Session } from './people.ts';

const { description } = commonStack();
const { post, secretFor, signUp, signIn, finish } = peopleOf(description);

beforeAll(() => installDebian({ oathtool: 'command -v oathtool' }));

/** Personal data, reasons and passwords that people have chosen. */
const texts = {
  address: 'Ida.Nordlicht@leuchtturm-nordlicht.example',
  name: 'Ida Marlene Nordlicht',
  invited: 'Ole.Brandung@leuchtturm-nordlicht.example',
  guess: 'eleven gears on a lighthouse',
  newPassword: 'quiet lamp above the breakers',
  label: 'Printer beside the lighthouse keeper',
  reason: 'Keeper of the lighthouse asked on the phone',
  ticket: 'LIGHTHOUSE-4711-0815',
  sender: 'lamp@leuchtturm-nordlicht.example',
  /** Of a mail of another customer. */
  recipient: 'Nils.Halligsturm@hooge-warft.example',
  content: 'The foghorn of Hooge sounds at noon',
};

/** What identity made: each is shown once and stored as a hash at most. */
const generated: Record<string, string> = {};

const made = async <Body>(path: string, body?: unknown, token?: string): Promise<Body> => {
  const answer = await post<Body>(path, body, token);
  expect([path, answer.status]).toEqual([path, 201]);
  return answer.body;
};

/** A mail of the customer of this scenario, to its end. */
async function sendMail(): Promise<void> {
  const { from } = description().credential;
  const session = await openSession(description());
  const { message } = testMessage(from, [texts.recipient], 500);
  const answer = await session.submit(
    from,
    [texts.recipient],
    `${message}\r\n${texts.content}\r\n`,
  );
  expect(answer.code).toBe(250);
  session.quit();
  await eventually(async () =>
    expect(await usageLog(description(), { status: 'delivered' })).toHaveLength(1),
  );
}

/** Searches what this customer and another one can get: exports of the usage log, audit entries, findings. */
async function searchAnswers(other: string): Promise<{ place: string; text: string }[]> {
  const find = createFinder([...Object.values(texts), password, ...Object.values(generated)]);
  const paths = {
    csv: 'messages/export?format=csv',
    jsonl: 'messages/export?format=jsonl',
    entries: 'audit/entries?limit=1000',
    findings: 'findings?limit=500',
  };
  const hits: { place: string; text: string }[] = [];
  for (const [who, token] of [
    ['own', description().tenant.ownerToken],
    ['other', other],
  ] as const) {
    for (const [name, path] of Object.entries(paths)) {
      const headers = { authorization: `Bearer ${token}` };
      const response = await fetch(`${description().api.logging}/v1/${path}`, { headers });
      expect([name, response.status]).toEqual([name, 200]);
      const texts = new Set(
        find(Buffer.from(await response.arrayBuffer())).map(({ text }) => text),
      );
      for (const text of texts) hits.push({ place: `${who} ${name}`, text });
    }
  }
  return hits;
}

async function enrol(enrolling: string) {
  const setup = await made<{ secret: string; challenge: string }>(
    'account/totp',
    undefined,
    enrolling,
  );
  const { output } = await run('oathtool', ['--totp', '-b', setup.secret]);
  const done = await post<{ session: Session; recoveryCodes: string[] }>(
    'account/totp/finish',
    { challenge: setup.challenge, code: output.trim() },
    enrolling,
  );
  expect(done.status).toBe(200);
  return { seed: setup.secret, challenge: setup.challenge, ...done.body };
}

test('a byte search after every flow of accounts finds no address, secret, password or token', async () => {
  const person = await signUp(texts.address);
  const { seed, challenge, session, recoveryCodes } = await enrol(person.enrolling);
  const [recoveryCode = '', second = ''] = recoveryCodes;
  const owner = session.token;
  Object.assign(generated, {
    link: person.secret,
    enrolling: person.enrolling,
    seed,
    challenge,
    owner,
  });
  for (const [at, code] of recoveryCodes.entries()) generated[`code ${String(at)}`] = code;

  const { identity } = description().api;
  const named = await call(`${identity}/v1/account`, owner, {
    method: 'PATCH',
    body: { name: texts.name },
  });
  expect(named.status).toBe(200);
  const { tenant, address } = person;
  const wrong = { tenant, address, password: texts.guess, device: 'x' };
  expect((await post('sign-ins', wrong)).status).toBe(422);
  await made('invitations', { address: texts.invited, role: 'reader' }, owner);
  generated['invitation'] = await secretFor(texts.invited, 'You are invited to an account');
  const key = await made<{ token: string }>('tokens', { label: texts.label }, owner);
  const credential = await made<{ password: string }>(
    'credentials',
    { label: texts.label, senders: [texts.sender], purpose: texts.reason },
    owner,
  );
  Object.assign(generated, { key: key.token, credential: credential.password });
  const operator = description().operator.token;
  const { reason, ticket } = texts;
  await made('accesses', { tenant, reason, ticket, minutes: 5 }, operator);

  expect((await post('password-resets', { tenant, address })).status).toBe(202);
  const reset = await secretFor(address, 'Reset your password');
  const chosen = { secret: reset, password: texts.newPassword };
  expect((await post('password-resets/finish', chosen)).status).toBe(204);
  const begun = await signIn(person, texts.newPassword);
  const wrongCode = await finish(begun.challenge, {
    recoveryCode: 'abcd-efgh-ijkl-mnop-qrst-uvwx-yz23',
  });
  expect(wrongCode.status).toBe(422);
  const signedIn = await finish(begun.challenge, {
    recoveryCode: second === '' ? recoveryCode : second,
  });
  expect(signedIn.status).toBe(201);
  Object.assign(generated, { reset, begun: begun.challenge, session: signedIn.body.token });

  await sendMail();
  const found = await searchAnswers(key.token);
  // Of the customer's mail only the recipient is there: no content, and nothing of the person.
  expect(found.filter(({ place }) => place.startsWith('own'))).toEqual([
    { place: 'own csv', text: texts.recipient },
    { place: 'own jsonl', text: texts.recipient },
  ]);
  // The person's tenant has got mail of ours: these are its own addresses.
  const own = new Set([texts.address, texts.invited]);
  const others = found.filter(({ place, text }) => !place.startsWith('own') && !own.has(text));
  expect(others).toEqual([]);

  const { mongodb, rabbitmq, logDir } = description();
  const folders = [mongodb.dataDir, rabbitmq.dataDir, logDir].filter((folder) => folder !== null);
  expect(folders).toHaveLength(3);
  const halves = [texts.address, texts.invited].map((whole) => whole.slice(0, whole.indexOf('@')));
  const searched = [...Object.values(texts), ...halves, password, ...Object.values(generated)];
  const metrics = await Promise.all(
    serviceNames.map(async (name) =>
      (await fetch(`${description().operations[name]}/metrics`)).text(),
    ),
  );
  const inMetrics = createFinder(searched)(Buffer.from(metrics.join('\n')));
  const hits = [
    ...(await searchFiles(folders, searched)),
    ...(await searchDocuments(description(), searched)),
    ...inMetrics.map((hit) => ({ place: 'metrics', ...hit })),
  ];
  // Generated secrets of at least 128 random bits are stored as SHA-256.
  const hashes = Object.values(generated);
  const isHash = ({ text, form }: (typeof hits)[number]) =>
    hashes.includes(text) && form.startsWith('sha256');
  expect(hits.filter((hit) => !isHash(hit))).toEqual([]);
  // The search finds what is there: the hashes of the key and of the session.
  const stored = hits.filter(isHash).map(({ text }) => text);
  expect(stored).toEqual(expect.arrayContaining([key.token, signedIn.body.token]));
}, 120_000);
