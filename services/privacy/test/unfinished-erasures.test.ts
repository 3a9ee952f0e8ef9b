import { readFile, rename } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { verify, type JwkSet } from '@mysmtp/certificate';
import { Receipt, receiptType, registry, routingKeys } from '@mysmtp/contracts';
import { openReceipts } from '@mysmtp/erasure';
import { eventually } from '@mysmtp/test-kit';
import { CompactSign, decodeJwt, importJWK, type JWK } from 'jose';
import { mongo } from 'mongoose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { frozen } from '../src/erasures/certificate.ts';
import { openErasing, type Erasing } from './erasing.ts';
import { erasurePatience, type World } from './running-service.ts';

let erasing: Erasing;
let world: World;

beforeAll(async () => {
  erasing = await openErasing();
  ({ world } = erasing);
});

afterAll(() => erasing.close());

interface Stored extends mongo.Document {
  readonly _id: string;
}

/** Access to privacy's own database. */
async function inPrivacy(
  act: (stored: (name: string) => mongo.Collection<Stored>) => Promise<void>,
): Promise<void> {
  await using client = new mongo.MongoClient(world.databases.privacy);
  await act((name) => client.db().collection<Stored>(name));
}

/** A receipt with another content, signed by its service nevertheless. */
async function signedAgain(jws: string, change: Partial<Receipt>): Promise<string> {
  const receipt = { ...Receipt.parse(decodeJwt(jws)), ...change };
  const file = path.join(world.dir, `${receipt.service}.jwk`);
  const key = await importJWK(JSON.parse(await readFile(file, 'utf8')) as JWK, 'EdDSA');
  return new CompactSign(Buffer.from(JSON.stringify(receipt)))
    .setProtectedHeader({ alg: 'EdDSA', typ: receiptType, kid: receipt.service })
    .sign(key);
}

test('a silent store never counts as done: partial, with its name and a metric, until it answers', async () => {
  const tenant = await erasing.newTenant();
  await erasing.stopOther('logging');
  const { location } = await erasing.ask(tenant);
  await eventually(
    async () => {
      const { state, missing, certificate } = await erasing.look(location);
      expect([state, missing, certificate]).toEqual(['partial', ['fence of logging'], null]);
    },
    { timeout: 60_000 },
  );
  await eventually(async () =>
    expect(await erasing.metrics()).toMatch(/^mysmtp_erasures\{state="partial"\} 1$/m),
  );
  await erasing.startOther('logging');
  await erasing.reaches(location, 'completed_live');
  await eventually(async () =>
    expect(await erasing.metrics()).toMatch(/^mysmtp_erasures\{state="partial"\} 0$/m),
  );
}, 120_000);

test('a purge that takes longer than the patience does not count as silent while it progresses', async () => {
  const tenant = await erasing.newTenant();
  const end = Promise.withResolvers<'ended'>();
  let begun = 0;
  erasing.held.set('logging.messages', async (progress) => {
    begun += 1;
    while ((await Promise.race([end.promise, sleep(100)])) !== 'ended') await progress();
  });
  const { location } = await erasing.ask(tenant);
  await eventually(() => expect(begun).toBe(1), { timeout: 60_000 });
  // Twice the patience, and longer than the first pauses before a command is resent.
  for (const seen = performance.now(); performance.now() - seen < 2 * erasurePatience;) {
    expect((await erasing.look(location)).state).toBe('purging');
    await sleep(200);
  }
  end.resolve('ended');
  await erasing.reaches(location, 'completed_live');
  erasing.held.clear();
  expect(begun).toBe(1);
}, 120_000);

test('a purge that hangs counts as silent: partial, with the stores that are not empty', async () => {
  const tenant = await erasing.newTenant();
  const end = Promise.withResolvers<void>();
  erasing.held.set('logging.messages', () => end.promise);
  const { location } = await erasing.ask(tenant);
  const stuck = await erasing.reaches(location, 'partial');
  expect(stuck.missing).toContain('logging.messages');
  expect(stuck.certificate).toBeNull();
  erasing.held.clear();
  end.resolve();
  await erasing.reaches(location, 'completed_live');
}, 120_000);

test('a service without a purge for this kind of subject makes the erasure partial at once, until it has one', async () => {
  const tenant = await erasing.newTenant();
  const end = Promise.withResolvers<void>();
  erasing.held.set('logging.messages', () => end.promise);
  const { location } = await erasing.ask(tenant);
  await erasing.purges(location);
  const erasure = location.split('/').at(-1) ?? '';
  const signed = await world.keys.as('logging');
  const payload = {
    v: 1,
    kind: 'unsupported',
    erasure,
    service: 'logging',
    subjectKind: 'tenant',
  } as const;
  await world.broker.say('logging', {
    key: routingKeys.erasureAnswer('logging'),
    content: await signed.sign('answer', payload),
  });
  await eventually(
    async () => {
      const { state, missing, certificate } = await erasing.look(location);
      expect([state, certificate]).toEqual(['partial', null]);
      expect(missing).toContain('purge of tenant in logging');
    },
    { timeout: erasurePatience * 10 },
  );
  end.resolve();
  erasing.held.clear();
  await erasing.reaches(location, 'completed_live');
}, 120_000);

test('leftovers of a sweep make the erasure failed, and there is no certificate until a sweep finds nothing', async () => {
  erasing.stubborn.add('delivery.dkimKeys');
  const tenant = await erasing.newTenant();
  const { location } = await erasing.ask(tenant);
  const failed = await erasing.reaches(location, 'failed');
  expect(failed.leftovers).toEqual(['delivery.dkimKeys']);
  expect(failed.certificate).toBeNull();
  erasing.stubborn.clear();
  const done = await erasing.reaches(location, 'completed_live');
  expect(done.leftovers).toEqual([]);
}, 90_000);

test('a database that the verifier cannot read is reported, also before the fence', async () => {
  const tenant = await erasing.newTenant();
  world.verifierProxy.cut();
  const { location } = await erasing.ask(tenant);
  const unseen = [
    'logging.auditEntries',
    'logging.findings',
    'logging.identityProjection',
    'logging.messages',
    'logging.restrictions',
    'logging.retentions',
    'logging.statistics',
  ];
  // It waits for canaries first.
  await eventually(
    async () => {
      const { state, missing } = await erasing.look(location);
      expect([state, missing]).toEqual(['partial', unseen]);
    },
    { timeout: 60_000 },
  );
  world.verifierProxy.mend();
  await erasing.reaches(location, 'completed_live');
}, 90_000);

test('a step that fails repeatedly is reported, and continues once it succeeds', async () => {
  const tenant = await erasing.newTenant();
  const end = Promise.withResolvers<void>();
  erasing.held.set('logging.messages', () => end.promise);
  const { location } = await erasing.ask(tenant);
  await erasing.purges(location);
  const vault = path.join(world.dir, 'vault');
  await rename(vault, `${vault}-away`);
  end.resolve();
  erasing.held.clear();
  await eventually(
    async () => expect((await erasing.look(location)).missing).toEqual(['step shredding']),
    { timeout: 60_000 },
  );
  await rename(`${vault}-away`, vault);
  await erasing.reaches(location, 'completed_live');
}, 150_000);

test('privacy crashes after storing a key in the ledger and before its removal: the next process removes it', async () => {
  erasing.stubborn.add('delivery.dkimKeys');
  const tenant = await erasing.newTenant();
  const { location } = await erasing.ask(tenant);
  await erasing.reaches(location, 'failed');
  // The step before the keys is not complete: the entry is written as by a process that crashes right
  // after it.
  await inPrivacy(async (stored) => {
    const key = await stored('tenants').findOne({ _id: tenant });
    const lastWrappedKey = { epoch: String(key?.['epoch']), wrapped: String(key?.['wrapped']) };
    await stored('erasures').updateOne({ 'subject.tenant': tenant }, { $set: { lastWrappedKey } });
  });
  erasing.stubborn.clear();
  await erasing.reaches(location, 'completed_live');
  await inPrivacy(async (stored) => {
    const left = await stored('tenants').findOne({ _id: tenant });
    expect(left).toMatchObject({ state: 'erased', epoch: null, wrapped: null });
  });
}, 90_000);

test('receipts under another version of the registry are requested again, and the certificate is valid', async () => {
  const tenant = await erasing.newTenant();
  const end = Promise.withResolvers<void>();
  erasing.held.set('logging.messages', () => end.promise);
  const { location } = await erasing.ask(tenant);
  const store = 'identity.tenants';
  const ofIdentity = () =>
    eventually(
      async () => {
        const { receipts } = await erasing.look(location);
        const found = receipts.find((receipt) => receipt.store === store);
        if (found === undefined) throw new Error('none yet');
        return found.jws;
      },
      { timeout: 30_000 },
    );
  // As if identity had answered before an upgrade.
  const outdated = await signedAgain(await ofIdentity(), { registryVersion: registry.version - 1 });
  await inPrivacy(async (stored) => {
    const _id = `${location.split('/').at(-1) ?? ''} ${store}`;
    await stored('erasureAnswers').updateOne({ _id }, { $set: { jws: outdated } });
  });
  end.resolve();
  erasing.held.clear();
  const { certificate } = await erasing.reaches(location, 'completed_live');
  expect(await ofIdentity()).not.toBe(outdated);
  const keys = (await (await world.request('GET', '/.well-known/jwks.json')).json()) as JwkSet;
  const { checks } = await verify(certificate ?? '', keys, () => Promise.resolve(frozen(registry)));
  expect(checks.flatMap(({ reasons }) => reasons)).toEqual([]);
}, 90_000);

test('an upgrade with another coverage in the middle: a substitute tenant is planted, and the erasure continues', async () => {
  const tenant = await erasing.newTenant();
  const end = Promise.withResolvers<void>();
  erasing.held.set('logging.messages', () => end.promise);
  const { location } = await erasing.ask(tenant);
  await erasing.purges(location);
  // As left by a release without the deferred queue in its coverage.
  await inPrivacy(async (stored) => {
    await stored('erasures').updateOne(
      { 'subject.tenant': tenant },
      { $set: { seenUnder: registry.version - 1 }, $pull: { seen: 'delivery.deferred' } as object },
    );
  });
  end.resolve();
  erasing.held.clear();
  const { certificate } = await erasing.reaches(location, 'completed_live');
  const keys = (await (await world.request('GET', '/.well-known/jwks.json')).json()) as JwkSet;
  const { checks, statement } = await verify(certificate ?? '', keys, () =>
    Promise.resolve(frozen(registry)),
  );
  expect(checks.flatMap(({ reasons }) => reasons)).toEqual([]);
  expect(statement?.certificate.canaries).toContain('delivery.deferred');
  // The substitute tenant is erased like every other tenant. It was no customer, so nobody is told.
  const made = world.lines.filter(({ event }) => event === 'erasure.substitute_tenant_created');
  expect(made).toHaveLength(1);
  await eventually(
    () =>
      inPrivacy(async (stored) => {
        const standIn = await stored('erasures').findOne({ 'subject.tenant': made[0]?.['tenant'] });
        expect(standIn).toMatchObject({
          step: 'completed_live',
          substitute: true,
          notified: [],
          noticesDue: null,
        });
      }),
    { timeout: 60_000 },
  );
}, 120_000);

test('repeated, late or forged receipts: each store counts once, and only its own service can sign', async () => {
  const tenant = await erasing.newTenant();
  erasing.stubborn.add('logging.messages');
  const { location } = await erasing.ask(tenant);
  const requestId = location.split('/').at(-1) ?? '';
  await eventually(async () => expect((await erasing.look(location)).receipts).not.toEqual([]), {
    timeout: 30_000,
  });

  const say = async (service: 'logging' | 'identity', jws: string) => {
    const signed = await world.keys.as(service);
    return world.broker.say(service, {
      key: routingKeys.erasureAnswer(service),
      content: await signed.sign('answer', { v: 1, kind: 'receipt', erasure: requestId, jws }),
    });
  };
  const [given] = (await erasing.look(location)).receipts;
  const { subject = { kind: 'tenant', commitment: '' } as const } = Receipt.parse(
    decodeJwt(given?.jws ?? ''),
  );
  const signAs = async (
    service: 'logging' | 'identity',
    store: string,
    deleted: number,
    of = subject,
  ) => {
    const receipts = await openReceipts(service, path.join(world.dir, `${service}.jwk`), Date);
    return receipts.sign({
      requestId,
      subject: of,
      store,
      matched: deleted,
      matchedBy: 'removal',
      deleted,
    });
  };
  const more = await signAs('logging', 'logging.messages', 700);
  for (const jws of [more, more, await signAs('logging', 'logging.messages', 300)]) {
    await say('logging', jws);
  }
  // For another service's store, and with another service's signature.
  await say('identity', await signAs('identity', 'logging.identityProjection', 99));
  const broken = more.slice(0, -4) + (more.endsWith('AAAA') ? 'BBBB' : 'AAAA');
  await say('logging', broken);
  // For the erasure of another tenant.
  const another = { ...subject, commitment: 'another' };
  await say('logging', await signAs('logging', 'logging.messages', 900, another));
  // A service that is upgraded before privacy: no reason for an alarm.
  await say('logging', await signedAgain(more, { registryVersion: registry.version + 1 }));

  await eventually(async () => {
    const refused = world.lines.filter(({ event }) => event === 'erasure.answer_refused');
    expect(refused.length).toBe(3);
    const outdated = world.lines.filter(({ event }) => event === 'erasure.receipt_outdated');
    expect(outdated.length).toBe(1);
    const ofLog = (await erasing.look(location)).receipts.filter(
      ({ store }) => store === 'logging.messages',
    );
    expect(ofLog.map(({ deleted }) => deleted)).toEqual([700]);
    // An operator must see these: they page.
    expect(await erasing.metrics()).toMatch(/^mysmtp_dead_letters_total\{kind="erasure"\} 3$/m);
  });
  erasing.stubborn.clear();
  const done = await erasing.reaches(location, 'completed_live');
  const stores = done.receipts.map(({ store }) => store);
  expect(new Set(stores).size).toBe(stores.length);
  expect(
    done.receipts.find(({ store }) => store === 'logging.identityProjection')?.deleted,
  ).not.toBe(99);
}, 90_000);
