import { day, hour, minute } from '@mysmtp/contracts';
import { eventually } from '@mysmtp/test-kit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { codeIn, newAddress, openRequestService, type RequestService } from './request-service.ts';
import {
  dpoToken,
  officerToken,
  operatorToken,
  ownerToken,
  sessionToken,
  type World,
} from './running-service.ts';

let service: RequestService;
let world: World;

beforeAll(async () => {
  service = await openRequestService(Date.parse('2027-01-31T12:00:00Z'));
  ({ world } = service);
});
afterAll(() => service.close());

/** A confirmed request by a letter, which says what is right. */
async function confirmedLetter(address: string) {
  const entered = await service.ask('POST', '/v1/requests/entered', officerToken, {
    channel: 'letter',
    kind: 'rectification',
    address,
    details: { name: 'Jane Nordlicht' },
    receivedAt: new Date(world.now).toISOString(),
    language: 'en',
    note: 'Folder 12',
  });
  expect(entered.status).toBe(201);
  const code = codeIn(await service.mailTo(address, /Please confirm/));
  const answer = await service.ask('POST', '/v1/public/requests/confirm', undefined, { code });
  return answer.body as unknown as { id: string; secret: string };
}

test('Clock (Art 12): extension within the first month with a reason, refusal by a human only, both recorded', async () => {
  const [one, two] = await service.made({
    kind: 'access',
    addresses: [newAddress(), newAddress()],
  });
  const id = one?.id ?? '';
  const receivedAt = Date.parse((await service.look(id)).dueAt);
  expect(await service.decide(id, 'extend', ownerToken)).toBe(204);
  expect(await service.decide(id, 'extend', ownerToken)).toBe(409);
  const extended = await service.look(id);
  expect(Date.parse(extended.dueAt)).toBeGreaterThan(receivedAt + 58 * day);
  expect(extended.history.at(-1)).toMatchObject({ kind: 'extended', reason: 'Why extend' });
  // A key of the tenant is no human.
  expect(await service.decide(id, 'refuse', ownerToken)).toBe(409);
  expect(await service.decide(id, 'refuse', dpoToken)).toBe(204);
  expect(await service.decide(id, 'refuse', dpoToken)).toBe(409);
  expect(await service.look(id)).toMatchObject({
    state: 'refused',
    history: [{}, {}, { kind: 'refused', by: 'person:p2', reason: 'Why refuse' }],
  });
  // Nobody of the tenant says who a stranger is.
  expect(await service.decide(id, 'identified', dpoToken)).toBe(404);
  // After the month it is too late for an extension.
  world.now += 32 * day;
  expect(await service.decide(two?.id ?? '', 'extend', ownerToken)).toBe(409);
  expect((await service.ask('DELETE', `/v1/requests/${two?.id ?? ''}`, ownerToken)).status).toBe(
    204,
  );
});

test('Clock (Art 12): gauges show how long the oldest request is open, less its extension', async () => {
  const openFor = async () => {
    const text = await service.metrics();
    return Number(/^mysmtp_person_request_oldest_open_seconds (\S+)$/m.exec(text)?.[1]);
  };
  await service.database.collection('requests').deleteMany({});
  const [request] = await service.made({ kind: 'access', addresses: [newAddress()] });
  const received = world.now;
  await service.restart();
  for (const days of [3, 7, 20, 27]) {
    world.now = received + days * day;
    await eventually(async () => expect(await openFor()).toBe(days * 86_400));
  }
  expect(await service.decide(request?.id ?? '', 'extend', ownerToken)).toBe(204);
  await service.restart();
  await eventually(async () => expect(await openFor()).toBe(0));
  await eventually(async () =>
    expect(await service.metrics()).toContain('mysmtp_person_requests{state="in_progress"} 1'),
  );
  expect(
    (await service.ask('DELETE', `/v1/requests/${request?.id ?? ''}`, ownerToken)).status,
  ).toBe(204);
});

test('a request of a person waits for the tenant as the tenant has set, and is executed then', async () => {
  const policy = { mode: 'wait', days: 5, disclosedAs: 'Example Ltd, privacy@example.com' };
  expect((await service.ask('PUT', '/v1/request-policy', sessionToken, policy)).status).toBe(404);
  expect((await service.ask('PUT', '/v1/request-policy', ownerToken, policy)).status).toBe(204);
  expect((await service.ask('GET', '/v1/request-policy', ownerToken)).body).toEqual(policy);
  const [kept] = await service.stored('requestPolicies');
  expect(Object.keys(kept ?? {}).toSorted()).toEqual(['_id', 'days', 'disclosedAs', 'mode']);
  expect(JSON.stringify(kept)).not.toContain('Example');

  const { id, secret } = await confirmedLetter(newAddress());
  const received = world.now;
  const parts = await eventually(async () => {
    world.now += 1_000;
    const found = await service.database.collection('requests').find({ parent: id }).toArray();
    expect(found.map(({ state }) => state as string)).toEqual([
      'waiting_for_tenant',
      'waiting_for_tenant',
    ]);
    return found;
  });
  const mine = String(parts.find(({ tenant }) => tenant === 't1')?._id);
  const theirs = String(parts.find(({ tenant }) => tenant === 't3')?._id);
  expect(world.told).toContainEqual({
    tenant: 't1',
    request: mine,
    kind: 'rectification',
    actsAt: expect.any(Number) as number,
    dueAt: expect.any(Number) as number,
  });
  // The tenant cannot withdraw what the person has requested.
  expect((await service.ask('DELETE', `/v1/requests/${mine}`, ownerToken)).status).toBe(404);
  expect((await service.ask('GET', `/v1/requests/${theirs}`, ownerToken)).status).toBe(404);
  world.now = received + 5 * day - hour;
  await eventually(async () => expect((await service.look(mine)).state).toBe('waiting_for_tenant'));
  world.now = received + 5 * day + hour;
  world.correction = 'corrected';
  await service.reaches(mine, 'completed');
  // The other tenant has the usual policy: a week. Its human refuses.
  expect(await service.decide(theirs, 'refuse', officerToken)).toBe(204);
  await service.reaches(id, 'completed', operatorToken);
  world.correction = 'waits';
  const status = await service.ask('POST', '/v1/public/requests/status', undefined, { secret });
  const outcomes = (status.body as unknown as { parts: object[] }).parts;
  expect(outcomes).toContainEqual({
    state: 'completed',
    certificate: null,
    reason: null,
    by: 'Example Ltd, privacy@example.com',
    copy: null,
    download: null,
    notified: [{ recipient: 'Example Hosting GmbH', at: null, reason: null }],
  });
  expect(outcomes).toContainEqual({
    state: 'refused',
    certificate: null,
    reason: 'Why refuse',
    by: null,
    copy: null,
    download: null,
    notified: [],
  });
  const { url } = await world.request('GET', '/v1/registry');
  const page = await fetch(new URL('/v1/public/requests/status', url), {
    method: 'POST',
    headers: { accept: 'text/html' },
    body: new URLSearchParams({ secret, language: 'de' }),
  });
  expect(await page.text()).toContain('Example Hosting GmbH: noch nicht benachrichtigt');
  const result = await eventually(() => {
    const mail = world.mails.find(({ text }) => text.includes('Why refuse'));
    if (mail === undefined) throw new Error('No mail yet');
    return mail.text;
  });
  expect(result).toContain('Example Ltd, privacy@example.com: done');
  expect(result).toContain('complaint');
});

test('Automatic deletion (Art 5): what nobody has confirmed ends after 30 minutes, a request after three years', async () => {
  await service.ask('POST', '/v1/public/requests', undefined, {
    address: newAddress(),
    kind: 'access',
  });
  const left = async (filter: object) =>
    (await service.database.collection('requests').find(filter).toArray()).length;
  expect(await left({ state: 'awaiting_challenge', channel: 'public' })).toBeGreaterThan(0);
  world.now += 31 * minute;
  await service.restart();
  await eventually(async () =>
    expect(await left({ state: 'awaiting_challenge', channel: 'public' })).toBe(0),
  );
  const settled = { settledAt: { $ne: null } };
  expect(await left(settled)).toBeGreaterThan(0);
  world.now += 3 * 365 * day + hour;
  await service.restart();
  await eventually(async () => expect(await left(settled)).toBe(0));
});
