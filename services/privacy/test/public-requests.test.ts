import { request as httpRequest } from 'node:http';
import { day, hour, minute } from '@mysmtp/contracts';
import { eventually } from '@mysmtp/test-kit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { codeIn, newAddress, openRequestService, type RequestService } from './request-service.ts';
import { officerToken, operatorToken, ownerToken, type World } from './running-service.ts';

let service: RequestService;
let world: World;

beforeAll(async () => {
  service = await openRequestService(Date.parse('2027-01-31T12:00:00Z'));
  ({ world } = service);
});
afterAll(() => service.close());

test('Identity of the asker, P: a code to the mailbox, once and within 30 minutes; programs that open the link change nothing', async () => {
  const address = newAddress();
  const { code, id, secret, nonce } = await service.confirmed('erasure', address);
  expect(nonce).not.toBe('');
  const again = await service.ask('POST', '/v1/public/requests/confirm', undefined, { code });
  expect(again.status).toBe(404);
  // 128 random bits.
  expect(Buffer.from(code, 'base64url')).toHaveLength(16);

  const late = newAddress();
  await service.ask('POST', '/v1/public/requests', undefined, { address: late, kind: 'erasure' });
  const lateCode = codeIn(await service.mailTo(late, /Please confirm/));
  expect((await service.ask('GET', `/v1/public/requests/confirm?code=${lateCode}`)).status).toBe(
    200,
  );
  world.now += 30 * minute + 1;
  const expired = await service.ask('POST', '/v1/public/requests/confirm', undefined, {
    code: lateCode,
  });
  expect([expired.status, expired.body]).toEqual([404, again.body]);

  // Each tenant gets its part, as its policy says. The person does not learn who they are.
  const parent = await service.reaches(id, 'in_progress', operatorToken);
  expect(parent.parts).toHaveLength(2);
  const parts = await Promise.all(parent.parts.map((part) => service.look(part, operatorToken)));
  expect(parts.map(({ address: shown }) => shown)).toEqual([null, null]);
  const status = await service.ask('POST', '/v1/public/requests/status', undefined, { secret });
  expect(JSON.stringify(status.body)).not.toMatch(/t1|t3|example/);
  const texts = world.mails.filter(({ to }) => to === address).map(({ text }) => text);
  expect(texts.join()).not.toMatch(/t1|t3/);
});

/** As a client in this network. Returns the milliseconds until the answer. */
async function timed(body: object, localAddress: string): Promise<number> {
  const { hostname, port } = new URL((await world.request('GET', '/v1/registry')).url);
  const sent = { hostname, port, localAddress, method: 'POST', path: '/v1/public/requests' };
  const headers = { 'content-type': 'application/json' };
  return new Promise((resolve, reject) => {
    const start = performance.now();
    httpRequest({ ...sent, headers }, (answer) => {
      answer.resume().once('end', () => {
        if (answer.statusCode === 202) resolve(performance.now() - start);
        else reject(new Error(`Status ${String(answer.statusCode)}`));
      });
    })
      .once('error', reject)
      .end(JSON.stringify(body));
  });
}

/** The probability that a known address takes longer than an unknown one: 0.5 if nothing can be told apart. */
const longer = (known: readonly number[], unknown: readonly number[]): number => {
  const wins = known.flatMap((a) => unknown.map((b) => (a > b ? 1 : a === b ? 0.5 : 0)));
  return wins.reduce<number>((sum, win) => sum + win, 0) / wins.length;
};

test('Identity of the asker, P: the time of the answer shows no better than chance whether the address is known', async () => {
  const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
  // oxlint-disable-next-line no-console -- the seed repeats a failure
  console.log(`seed ${String(seed)}`);
  let state = seed;
  const random = (): number => {
    state = (state * 48_271 + 11) % 2_147_483_647;
    return state / 2_147_483_647;
  };
  const count = 100;
  const addresses = Array.from({ length: count }, () => newAddress());
  // Known to the ledger and to a tenant.
  const details = { name: 'Jane Doe' };
  for (const address of addresses) {
    await service.made({ kind: 'rectification', addresses: [address], details });
  }
  const attempts = [
    ...addresses.map((address) => ({ address, isKnown: true, at: random() })),
    ...addresses.map(() => ({ address: newAddress(), isKnown: false, at: random() })),
  ].toSorted((a, b) => a.at - b.at);
  const times: Record<'known' | 'unknown', number[]> = { known: [], unknown: [] };
  // The first requests of a process take longer.
  for (let warm = 0; warm < 20; warm += 1) {
    await timed({ address: newAddress(), kind: 'access' }, '127.0.1.1');
  }
  for (const [at, { address, isKnown }] of attempts.entries()) {
    const network = `127.0.2.${String(1 + Math.floor(at / 40))}`;
    times[isKnown ? 'known' : 'unknown'].push(await timed({ address, kind: 'access' }, network));
  }
  // Mann-Whitney: the standard deviation of this probability, if both have the same distribution.
  const deviation = Math.sqrt((2 * count + 1) / (12 * count * count));
  const probability = longer(times.known, times.unknown);
  expect(Math.abs(probability - 0.5), `seed ${String(seed)}`).toBeLessThan(4 * deviation);
  await service.database
    .collection('requests')
    .deleteMany({ kind: { $in: ['access', 'rectification'] } });
  await service.database.collection('mails').deleteMany({});
}, 120_000);

test('the public page works without scripts, in both languages, and every step answers with a page', async () => {
  const base = (await world.request('GET', '/v1/registry')).url;
  const visit = async (path: string, form?: Readonly<Record<string, string>>, languages = 'de') => {
    const answer = await fetch(new URL(path, base), {
      headers: { accept: 'text/html', 'accept-language': languages },
      ...(form !== undefined && { method: 'POST', body: new URLSearchParams(form) }),
    });
    return { status: answer.status, headers: answer.headers, html: await answer.text() };
  };
  const address = newAddress();
  const start = await visit('/v1/public/requests');
  expect(start.html).toContain('<html lang="de">');
  expect(start.headers.get('content-security-policy')).toMatch(
    /^default-src 'none'; style-src 'sha256-[^']+'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'$/,
  );
  expect((await visit('/v1/public/requests', undefined, 'en')).html).toContain('<html lang="en">');
  const sent = await visit('/v1/public/requests', { address, kind: 'access', language: 'de' });
  expect([sent.status, sent.html]).toEqual([202, expect.stringContaining('Postfach')]);
  const code = codeIn(await service.mailTo(address, /freigeben/));
  const link = await visit(`/v1/public/requests/confirm?language=de&code=${code}`);
  expect(link.html).toContain(`value="${code}"`);
  const done = await visit('/v1/public/requests/confirm', { code, language: 'de' });
  expect(done.status).toBe(200);
  const secret = /name="secret" value="([\w-]{43})"/.exec(done.html)?.[1] ?? '';
  const status = await visit('/v1/public/requests/status', { secret, language: 'de' });
  expect(status.html).toContain('Anfrage zurückziehen');
  const withdrawn = await visit('/v1/public/requests/withdraw', { secret, language: 'de' });
  expect(withdrawn.html).toContain('zurückgezogen');
  const wrong = await visit('/v1/public/requests/confirm', { code, language: 'de' });
  expect([wrong.status, wrong.headers.get('content-type')]).toEqual([
    404,
    'text/html; charset=utf-8',
  ]);
  for (const { html } of [start, sent, link, done, status, withdrawn, wrong]) {
    expect(html).not.toMatch(/<script|\son\w+=|src=/i);
    expect(html).not.toContain(address);
  }
});

test('no more than three mails a day to one address, and nobody sees that there are no more', async () => {
  const address = newAddress();
  const answers = [];
  for (let count = 0; count < 5; count += 1) {
    const answer = await service.ask('POST', '/v1/public/requests', undefined, {
      address,
      kind: 'access',
    });
    answers.push([answer.status, answer.body]);
  }
  expect(answers).toEqual(Array.from({ length: 5 }, () => [202, { next: 'mail' }]));
  await service.mailTo(address, /Please confirm/);
  const marker = newAddress();
  await service.ask('POST', '/v1/public/requests', undefined, { address: marker, kind: 'access' });
  await service.mailTo(marker, /Please confirm/);
  expect(world.mails.filter(({ to }) => to === address)).toHaveLength(3);
});

test('a mail is kept sealed until ingress accepts it, and submitted again', async () => {
  world.isIngressAway = true;
  const address = newAddress();
  await service.ask('POST', '/v1/public/requests', undefined, { address, kind: 'access' });
  await eventually(async () => {
    const [mail] = await service.stored('mails');
    expect(mail?.['attempts']).toBeGreaterThan(0);
    expect(Object.keys(mail ?? {}).toSorted()).toEqual(
      ['_id', 'about', 'attempts', 'content', 'createdAt', 'dueAt'].toSorted(),
    );
    expect(JSON.stringify(mail)).not.toContain('Jane');
  });
  world.isIngressAway = false;
  world.now += minute;
  await service.mailTo(address, /Please confirm/);
  await eventually(async () => expect(await service.stored('mails')).toEqual([]));
});

test('letters and mail to privacy@ become requests: an operator enters them, the person confirms or is identified', async () => {
  const address = newAddress();
  const receivedAt = new Date(world.now - 2 * day).toISOString();
  const letter = {
    channel: 'letter',
    kind: 'rectification',
    address,
    receivedAt,
    language: 'de',
    note: 'Folder 12',
  };
  expect((await service.ask('POST', '/v1/requests/entered', ownerToken, letter)).status).toBe(404);
  const future = { ...letter, receivedAt: new Date(world.now + day).toISOString() };
  expect((await service.ask('POST', '/v1/requests/entered', officerToken, future)).status).toBe(
    400,
  );
  const entered = await service.ask('POST', '/v1/requests/entered', officerToken, letter);
  expect(entered.status).toBe(201);
  const id = (entered.body as unknown as { id: string }).id;
  expect(await service.look(id, officerToken)).toMatchObject({
    channel: 'letter',
    state: 'awaiting_challenge',
    receivedAt,
    history: [{ kind: 'received', by: 'person:p3', reason: 'Folder 12' }],
  });
  const old = codeIn(await service.mailTo(address, /freigeben/));
  world.now += hour;
  expect(await service.decide(id, 'challenge', officerToken)).toBe(204);
  await eventually(() => expect(world.mails.filter(({ to }) => to === address)).toHaveLength(2));
  expect(
    (await service.ask('POST', '/v1/public/requests/confirm', undefined, { code: old })).status,
  ).toBe(404);
  expect(await service.decide(id, 'identified', officerToken)).toBe(204);
  await service.reaches(id, 'in_progress', officerToken);
  expect(await service.decide(id, 'identified', officerToken)).toBe(409);

  const another = { ...letter, address: newAddress() };
  const { body } = await service.ask('POST', '/v1/requests/entered', officerToken, another);
  const refused = (body as unknown as { id: string }).id;
  expect(await service.decide(refused, 'refuse', officerToken)).toBe(204);
  // Its end removes the address.
  await eventually(async () => {
    world.now += 1_000;
    const found = (await service.stored('requests')).find(({ _id }) => String(_id) === refused);
    expect(found).toMatchObject({ content: null });
  });
  expect(await service.decide(refused, 'identified', officerToken)).toBe(409);
});
