import { randomUUID } from 'node:crypto';
import { openBroker, openPublisher, type Publisher } from '@mysmtp/broker';
import { AuthAttempts, contentOf, day, routingKeys } from '@mysmtp/contracts';
import { createLogger } from '@mysmtp/log';
import { eventually } from '@mysmtp/test-kit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readDatabase } from './support/documents.ts';
import { openErasing, type Erasing } from './support/erasing.ts';
import { openRooms, startIdentity } from './support/identity.ts';

const opened = new AsyncDisposableStack();
let erasing: Erasing;
/** Publishes as ingress. */
let publisher: Publisher;

beforeAll(async () => {
  erasing = opened.use(await openErasing());
  // A second process of identity gets the same broadcasts.
  opened.use(await startIdentity(erasing.world));
  const log = createLogger('ingress', 'error', { write: () => undefined });
  const broker = openBroker({ url: erasing.world.broker.url, service: 'ingress', log });
  opened.defer(() => broker.close());
  publisher = opened.adopt(openPublisher(broker), (open) => open.close());
});
afterAll(() => opened.disposeAsync());

/** Twenty failures of an account, as another process reports them. */
async function reportFailures(credential: string): Promise<void> {
  const failure = { networks: [], account: randomUUID(), credential, count: 20 };
  const content = contentOf(AuthAttempts, {
    v: 1,
    process: randomUUID(),
    failures: [failure],
    successes: [],
  });
  await publisher.publish({ key: routingKeys.authAttempts('ingress'), content });
}

test('the owner is told once a day that authentications with a credential are throttled', async () => {
  const { world } = erasing;
  const customer = await erasing.register();
  const { credentials } = (await erasing.identity.call('GET', '/v1/credentials', customer.token))
    .body as { credentials: { id: string; username?: string }[] };
  const { id, username } = credentials.find((one) => one.username !== undefined) ?? { id: '' };
  // A process listens once it shares its counts with the others.
  await eventually(async () => {
    await reportFailures(id);
    expect(world.ingress.submitted).toMatchObject([
      { tenant: customer.id, to: 'jane.doe@example.org' },
    ]);
  });
  expect(world.ingress.submitted[0]?.text).toContain(username);
  await reportFailures(id);
  await reportFailures(id);

  const marked = await readDatabase(world.mongodbUrl, (db) =>
    db.collection('credentials').findOne({ _id: id as never }),
  );
  const throttledAt = marked?.['throttledAt'] as number;
  const clock = { now: () => throttledAt + day - 1 };
  await using rooms = await openRooms(world, undefined, clock);
  const mark = () => rooms.stores.credentials.markThrottled(id);
  expect(await mark()).toBeUndefined();
  clock.now = () => throttledAt + day;
  expect(await mark()).toMatchObject({ tenant: customer.id, username });
  expect(await mark()).toBeUndefined();
  expect(await rooms.stores.credentials.markThrottled('unknown')).toBeUndefined();
  expect(world.ingress.submitted).toHaveLength(1);
});
