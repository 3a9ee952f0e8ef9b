import { randomUUID } from 'node:crypto';
import { internalApis, newMessageId, operatorRealm, type SubmittedNotice } from '@mysmtp/contracts';
import type { ServiceClient } from '@mysmtp/http';
import { eventually } from '@mysmtp/test-kit';
import PostalMime from 'postal-mime';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openWorld, type World } from './support/world.ts';

let world: World;
let identity: ServiceClient;

beforeAll(async () => {
  world = await openWorld();
  await world.consume();
  await world.start();
  identity = await world.client('identity');
});
afterAll(() => world.close());

const text = 'Good morning. Grüße: '.repeat(20);
const notice = (changes: Partial<SubmittedNotice> = {}): SubmittedNotice => ({
  id: newMessageId(Date.now()),
  tenant: randomUUID(),
  from: 'notices@example.org',
  to: 'jane.doe@example.net',
  subject: 'A new device signed in',
  text: `${text}\n\nSecond paragraph\n`,
  ...changes,
});
const submit = async (submitted: SubmittedNotice) =>
  (await identity.call(internalApis.submitNotice, submitted)).result;
const taken = (id: string) => world.taken.filter((mail) => mail.id === id);

test('a notice is accepted like a message of the tenant of its recipient', async () => {
  // No client of the operators' realm may send, but its people get notices.
  for (const tenant of [randomUUID(), operatorRealm]) {
    const submitted = notice({ tenant });
    expect(await submit(submitted)).toBe('accepted');
    await eventually(() => expect(taken(submitted.id)).toHaveLength(1));
    const [{ headers, envelope, message }] = taken(submitted.id) as [(typeof world.taken)[0]];
    expect(headers).toMatchObject({ tenant, kind: 'message' });
    expect(envelope).toMatchObject({
      reversePath: submitted.from,
      recipients: [{ address: submitted.to }],
      smtputf8: false,
      signing: null,
    });
    const parsed = await PostalMime.parse(message ?? '');
    expect(parsed).toMatchObject({
      from: { address: submitted.from, name: 'mySMTP' },
      to: [{ address: submitted.to }],
      subject: submitted.subject,
      messageId: `<${submitted.id}@relay.example.org>`,
    });
    expect(parsed.text?.replaceAll('\r\n', '\n')).toBe(submitted.text);
    expect(message?.toString()).toContain('\r\nAuto-Submitted: auto-generated\r\n');
    const event = await eventually(() => {
      const found = world.events.find(({ id }) => id === submitted.id);
      if (found === undefined) throw new Error('No event yet');
      return found;
    });
    expect(event).toMatchObject({ tenant, status: 'accepted' });
    expect(world.detailsOf(event).recipient).toBe(submitted.to);
  }
  expect(JSON.stringify(world.lines)).not.toContain('jane');
});

test('a repeated request leads to a message with the same id', async () => {
  const submitted = notice();
  expect(await submit(submitted)).toBe('accepted');
  expect(await submit(submitted)).toBe('accepted');
  await eventually(() => expect(taken(submitted.id)).toHaveLength(2));
  const [first, second] = taken(submitted.id);
  expect(first?.message?.toString()).toBe(second?.message?.toString());
});

test('an address with a header or another recipient in it is refused', async () => {
  const wrong = [
    'a@example.org>\r\nBcc: <b@example.org',
    'a@example.org\nSubject: x',
    'a@example.org, b@example.org',
    '"a b"@example.org>, <c@example.org',
    'a\0@example.org',
    'a@',
    '',
  ];
  for (const address of wrong) {
    for (const changes of [{ to: address }, { from: address }]) {
      const submitted = notice(changes);
      expect(await submit(submitted), JSON.stringify(changes)).toBe('refused');
      expect(taken(submitted.id)).toEqual([]);
    }
  }
});

test('a subject that is not one line of ASCII is no request', async () => {
  for (const subject of ['x\r\nBcc: b@example.org', 'x\ny', 'x\0', 'Grüße', '']) {
    const call = identity.bytes(internalApis.submitNotice.path, notice({ subject }));
    await expect(call).rejects.toMatchObject({ status: 400 });
  }
});

test('only identity may submit notices', async () => {
  const delivery = await world.client('delivery');
  await expect(delivery.call(internalApis.submitNotice, notice())).rejects.toMatchObject({
    status: 403,
  });
});

test('a fenced tenant has no notices', async () => {
  const fenced = notice();
  world.neighbours.fences.push({
    erasure: randomUUID(),
    subject: { kind: 'tenant', tenant: fenced.tenant },
  });
  await expect(submit(fenced)).rejects.toMatchObject({ status: 404 });
});

test('while the keys are away the call fails', async () => {
  world.neighbours.away.add('keys');
  await expect(submit(notice())).rejects.toMatchObject({ status: 503 });
});
