import {
  contentOf,
  dayKeyId,
  ExportedAct,
  networkRecord,
  newMessageId,
  routingKeys,
  SecurityEvents,
  type ExportedRow,
  type SecurityEvent,
} from '@mysmtp/contracts';
import { addressIndex, seal } from '@mysmtp/seal';
import { eventually, followOrders, type Orders } from '@mysmtp/test-kit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { startService } from './service.ts';

type Service = Awaited<ReturnType<typeof startService>>;

const tenant = 'tenant-1';
const sandbox = 'tenant-2';
const owner = `owner-of-${tenant}`;
let service: Service;
let orders: Orders;
beforeAll(async () => {
  service = await startService([tenant, sandbox]);
  const { broker, neighbours } = service;
  orders = await followOrders({ broker, service: 'logging', keys: neighbours.serviceKeys });
});
afterAll(async () => {
  await orders.close();
  await service.close();
});

const personOf = (address: string, of = tenant) => ({
  tenant: of,
  person: addressIndex(service.neighbours.keyOf(of, 'index'), address),
});
const search = async (of: string, recipient: string) =>
  (await service.call(of, '/v1/messages/search', { recipient })).body.messages;

async function log(recipient: string, sender = 'hello@demo.example.org'): Promise<string> {
  const event = service.delivered(tenant, { recipient, sender });
  await service.publish({ v: 1, events: [event] });
  await eventually(async () =>
    expect((await search(tenant, recipient)).map(({ id }) => id)).toContain(event.id),
  );
  return event.id;
}

/** The sealed network of a new event. */
function sealedNetwork(of: string, text: string) {
  const at = service.clock.now();
  const id = newMessageId(at);
  const keyId = dayKeyId('security', at);
  const bound = { tenant: of, keyId, record: networkRecord(id) };
  const octets = seal(service.neighbours.keyOf(of, keyId), bound, Buffer.from(text));
  return { id, network: octets.toString('base64') };
}

test('all rows with an address are gathered, as recipient and as sender, and no row of others', async () => {
  const received = await log('asks@example.net');
  const sent = await log('other@example.net', 'asks@example.net');
  const both = await log('asks@example.net', 'asks@example.net');
  await log('nobody@example.net');
  const gathered = await orders.gather(personOf('asks@example.net'));
  const rows = gathered['logging.messages'] as ExportedRow[];
  expect(rows.map(({ id }) => id)).toEqual([received, sent, both].sort());
  expect(rows.find(({ id }) => id === received)).toMatchObject({
    n: 0,
    sender: 'hello@demo.example.org',
    recipient: 'asks@example.net',
    status: 'delivered',
    lastReply: '2xx',
    attempts: [{ reply: '250 2.0.0 Ok' }],
  });
  expect(gathered['logging.restrictions']).toEqual([]);
});

test('rows of a restricted person are shown without details, in every way to read them, until it is lifted', async () => {
  const id = await log('held@example.net');
  const person = personOf('held@example.net');
  const request = await orders.mark(person, 'restriction');
  const shown = {
    id,
    sender: '',
    recipient: '',
    messageId: '',
    attempts: [],
    status: 'delivered',
    restricted: true,
  };
  expect(await search(tenant, 'held@example.net')).toMatchObject([shown]);
  expect((await service.call(tenant, `/v1/messages/${id}`)).body.messages).toMatchObject([shown]);
  const listed = (await service.call(tenant, '/v1/messages')).body.messages;
  expect(listed.filter((row) => row.id === id)).toMatchObject([shown]);
  for (const format of ['jsonl', 'csv']) {
    const { text } = await service.download(owner, `/v1/messages/export?format=${format}`);
    expect(text).toContain(id);
    expect(text).not.toContain('held@example.net');
  }
  // The person gets everything all the same.
  const gathered = await orders.gather(person);
  expect(gathered['logging.messages']).toMatchObject([{ id, recipient: 'held@example.net' }]);
  expect(gathered['logging.restrictions']).toEqual([{ request, at: expect.any(String) as string }]);
  await orders.mark(person, 'restriction', false);
  expect(await search(tenant, 'held@example.net')).toMatchObject([
    { id, recipient: 'held@example.net', restricted: false },
  ]);
});

test('an export can be imported into another tenant, and what is gathered there is equal', async () => {
  await log('moves@example.net');
  await log('moves@example.net', 'moves@example.net');
  const gathered = await orders.gather(personOf('moves@example.net'));
  const empty = {
    'delivery.deferred': [],
    'delivery.suppressions': [],
    'identity.people': [],
    'privacy.orders': [],
  };
  const body = {
    v: 1,
    request: '0f8fad5b-d9cb-469f-a165-70867728950e',
    address: 'moves@example.net',
    createdAt: new Date().toISOString(),
    masked: false,
    data: { ...empty, ...gathered },
  };
  for (let times = 0; times < 2; times += 1) {
    const answer = await service.call(sandbox, '/v1/imports', body);
    expect(answer).toEqual({ status: 200, body: { imported: 2, expired: 0 } });
  }
  expect(await search(sandbox, 'moves@example.net')).toHaveLength(2);
  const again = await orders.gather(personOf('moves@example.net', sandbox));
  const withoutIds = (rows: readonly unknown[] = []) =>
    (rows as ExportedRow[]).map(({ id: _ours, ...row }) => row);
  expect(withoutIds(again['logging.messages'])).toEqual(withoutIds(gathered['logging.messages']));
  const old = {
    ...body,
    data: {
      ...body.data,
      'logging.messages': [
        {
          ...(gathered['logging.messages']?.[0] as ExportedRow),
          acceptedAt: '2020-01-01T00:00:00.000Z',
        },
      ],
    },
  };
  expect((await service.call(sandbox, '/v1/imports', old)).body).toEqual({
    imported: 0,
    expired: 1,
  });
  expect((await service.call(sandbox, '/v1/imports', { ...body, masked: true })).status).toBe(400);
});

test('Access (15), A: the acts of an account are gathered if the person has asked while signed in', async () => {
  const account = 'person-1';
  const act = (given: Partial<SecurityEvent>): SecurityEvent => {
    const at = service.clock.now();
    const event = { id: newMessageId(at), at, type: 'act', tenant, outcome: 'ok' } as const;
    const actor = { kind: 'person', id: account } as const;
    const none = { reason: null, ticket: null, networkKey: null, network: null, client: null };
    return { ...event, actor, object: null, operation: 'createToken', ...none, ...given };
  };
  const own = act({ object: 'key-1', ...sealedNetwork(tenant, '192.0.2.0/24') });
  const signIn = act({ type: 'sign_in', operation: 'finishSignIn' });
  const events = [
    own,
    act({ actor: { kind: 'person', id: 'person-2' } }),
    act({ actor: { kind: 'token', id: account } }),
    act({ tenant: sandbox }),
    signIn,
  ];
  await service.broker.say('identity', {
    key: routingKeys.securityEvents('identity'),
    content: contentOf(SecurityEvents, { v: 1, events }),
    mandatory: true,
  });
  const person = personOf('signed.in@example.net');
  const acts = await eventually(async () => {
    const found = (await orders.gather({ ...person, account }))['logging.auditEntries'];
    expect(found).toHaveLength(2);
    return found as ExportedAct[];
  });
  expect(z.array(ExportedAct).parse(acts)).toMatchObject([
    {
      type: 'act',
      operation: 'createToken',
      object: 'key-1',
      outcome: 'ok',
      network: '192.0.2.0/24',
    },
    { type: 'sign_in', operation: 'finishSignIn', network: null },
  ]);
  // The customer who asks about the address gets none of them.
  expect((await orders.gather(person))['logging.auditEntries']).toEqual([]);
});
