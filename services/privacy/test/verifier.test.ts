import { registry, type Registry } from '@mysmtp/contracts';
import { freshDatabase, type TestDatabase } from '@mysmtp/test-kit';
import { mongo } from 'mongoose';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openVerifier, type Verifier } from '../src/verifier/verifier.ts';

const canaries = { domain: 'd', credential: 'c', token: 'k', message: 'm', letter: 'l' };
const subject = { kind: 'tenant', tenant: 't' } as const;
const wanted = { subject, canaries };

let database: TestDatabase;
let client: mongo.MongoClient;
const opened: Verifier[] = [];
beforeEach(async () => {
  database = await freshDatabase();
  client = new mongo.MongoClient(database.url);
});
afterEach(async () => {
  for (const verifier of opened.splice(0)) await verifier.close();
  await client.close();
  await database.close();
});

/** A verifier that searches for the tenant of `delivery.deferred` by these paths. */
function lookingBy(tenant: Readonly<Record<string, string>>): Verifier {
  const collections = registry.collections.flatMap((held) =>
    held.id === 'delivery.deferred' && held.subject !== null
      ? [{ ...held, subject: { ...held.subject, tenant } }]
      : [],
  );
  const changed: Registry = { ...registry, collections };
  const verifier = openVerifier(changed, () => database.url);
  opened.push(verifier);
  return verifier;
}

test('a canary counts as seen if the tenant is found too, by every path of a sweep', async () => {
  const deferred = client.db().collection<mongo.Document & { _id: string }>('deferred');
  await deferred.insertOne({ _id: 'm', tenant: 't' });
  expect(await lookingBy({ tenant: '{tenant}' }).seesCanary('delivery.deferred', wanted)).toBe(
    true,
  );
  // Wrong paths: a sweep by them would always find nothing.
  for (const paths of [
    { tenantId: '{tenant}' },
    { tenant: '{tenant}', 'state.tenant': '{tenant}' },
  ]) {
    expect(await lookingBy(paths).seesCanary('delivery.deferred', wanted)).toBe(false);
  }
  await deferred.replaceOne({ _id: 'm' }, { tenant: 'another' });
  expect(await lookingBy({ tenant: '{tenant}' }).seesCanary('delivery.deferred', wanted)).toBe(
    false,
  );
});

test('a canary of a kind that was added later was not planted: nothing is seen, and the tenant is still counted', async () => {
  const deferred = client.db().collection<mongo.Document & { _id: string }>('deferred');
  await deferred.insertOne({ _id: 'm', tenant: 't' });
  const verifier = lookingBy({ tenant: '{tenant}' });
  const { message: _, ...others } = canaries;
  const without = { subject, canaries: others };
  expect(await verifier.seesCanary('delivery.deferred', without)).toBe(false);
  expect(await verifier.count('delivery.deferred', without)).toBe(1);
});
