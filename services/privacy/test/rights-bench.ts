import { rm } from 'node:fs/promises';
import path from 'node:path';
import { openBroker, openConsumer, openPublisher } from '@mysmtp/broker';
import {
  erasureQueues,
  gatheredStores,
  markedStores,
  queues,
  type ServiceName,
} from '@mysmtp/contracts';
import { createLogger } from '@mysmtp/log';
import { openOrders, type PersonStores } from '@mysmtp/orders';
import type { ServiceContext } from '@mysmtp/service';
import { freshBroker, makeServiceKeys } from '@mysmtp/test-kit';
import { createTenants } from '@mysmtp/tenancy';
import { createTenantGuard } from '@mysmtp/erasure';
import { Registry } from 'prom-client';
import { openCertificateSigner } from '../src/certificates/signer.ts';
import { openConsents } from '../src/consents/ledger.ts';
import type { PrivacyConfig } from '../src/config.ts';
import { openPersonRights } from '../src/open-person-rights.ts';
import { activateTenant } from '../src/tenants/activate.ts';
import { createPersonOf } from '../src/tenants/person-of.ts';
import { createSealing } from '../src/tenants/sealing.ts';
import { openBench } from './keyring-deps.ts';
import { makeCertificateKeys } from './running-service.ts';

/**
 * The rights of a person over a real broker, database and vault. The other services are participants with
 * the stores that a test gives them.
 */
export async function openRightsBench(tenant: string) {
  const closing = new AsyncDisposableStack();
  const bench = closing.adopt(await openBench(), (open) => open.close());
  const keys = await makeServiceKeys(bench.vaultDir);
  await makeCertificateKeys(bench.vaultDir);
  const broker = closing.adopt(await freshBroker(), (open) => open.close());
  const stopping = new AbortController();
  closing.defer(() => stopping.abort());
  const log = createLogger('privacy', 'error', { write: () => undefined });
  const clock = { now: () => bench.now };
  const keyring = bench.process();
  await activateTenant(tenant, keyring);

  const contextOf = (name: ServiceName) =>
    ({
      name,
      config: {
        serviceKeyFile: keys.keyFile(name),
        vaultDir: bench.vaultDir,
      },
      clock,
      log,
      metrics: new Registry(),
      manage: (resource: never, close: (resource: never) => unknown) =>
        closing.adopt(resource, async (open) => void (await close(open))),
      readyWhen: () => undefined,
      stopping: stopping.signal,
    }) as unknown as ServiceContext<PrivacyConfig>;
  const connect = (name: ServiceName) => {
    const opened = closing.adopt(openBroker({ url: broker.url, service: name, log }), (open) =>
      open.close(),
    );
    const publisher = closing.adopt(openPublisher(opened), (open) => open.close());
    return { opened, publisher };
  };

  const privacy = connect('privacy');
  const { published } = await openCertificateSigner(
    path.join(bench.vaultDir, 'certificate.jwks'),
    keys.jwksFile,
  );
  const guard = createTenantGuard(() => true);
  const access = createTenants(guard, (of) => ({ tenant: of }));
  const sealing = createSealing(keyring);
  const consents = await openConsents(bench.connection, { sealing, access, clock });
  const rights = await openPersonRights(contextOf('privacy'), {
    database: bench.connection,
    publisher: privacy.publisher,
    signed: await keys.as('privacy', log),
    access,
    sealing,
    personOf: createPersonOf(keyring),
    published,
    consents,
  });
  for (const [queue, handle] of [
    [queues.privacyAnswers, rights.handleAnswer],
    [erasureQueues.privacy, ({ content }: { content: Buffer }) => rights.handleOrder(content)],
  ] as const) {
    const consumer = openConsumer(privacy.opened, { queue, prefetch: 10, handle });
    closing.adopt(consumer, (open) => open.close());
    await broker.untilConsumed(queue.name);
  }

  /** Starts another service. Stores that are not given are empty. */
  async function startOther(name: Exclude<ServiceName, 'privacy'>, given: Partial<PersonStores>) {
    const { opened, publisher } = connect(name);
    const nothing: PersonStores['gather'][string] = async function* () {
      yield [];
    };
    const marked: Partial<Record<ServiceName, readonly string[]>>[] = Object.values(markedStores);
    const marks = marked.flatMap((of) => of[name] ?? []);
    const handle = await openOrders(contextOf(name), {
      signed: await keys.as(name, log),
      publisher,
      standing: (asked) => rights.orders.standing(asked),
      stores: {
        gather: {
          ...Object.fromEntries(gatheredStores[name].map((store) => [store, nothing])),
          ...given.gather,
        },
        mark: {
          ...Object.fromEntries(marks.map((store) => [store, async () => undefined])),
          ...given.mark,
        },
      },
    });
    const queue = erasureQueues[name];
    const consumer = openConsumer(opened, {
      queue,
      prefetch: 10,
      handle: ({ content }) => handle(content),
    });
    closing.adopt(consumer, (open) => open.close());
    await broker.untilConsumed(queue.name);
  }

  closing.defer(() => rm(path.join(bench.vaultDir, 'exports'), { recursive: true, force: true }));
  return {
    ...bench,
    bench,
    broker,
    keys,
    rights,
    consents,
    startOther,
    close: () => closing.disposeAsync(),
  };
}
export type RightsBench = Awaited<ReturnType<typeof openRightsBench>>;
