import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { serviceNames } from '@mysmtp/contracts';
import { eventually } from '@mysmtp/test-kit';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { call, usageLog } from '../kit/api.ts';
import { openSession } from '../kit/client.ts';
import { testMessage, type Sent } from '../kit/load.ts';
import { readMaildir } from '../kit/maildir.ts';
import { describeCluster, writeDescription, type ClusterDescription } from './description.ts';
import { install, removeAll, type Installation } from './installation.ts';
import type { ClusterOptions } from './options.ts';
import { deleteAtOnce, podsOf, whenReady } from './pods.ts';
import { portForward } from './port-forward.ts';
import { get, kubectl, progress, release } from './tools.ts';
import { refusals, underLoad } from './under-load.ts';

declare module 'vitest' {
  interface ProvidedContext {
    cluster: ClusterOptions;
  }
}

const options = inject('cluster');
const { keep, smarthost } = options;
/** If the mail goes elsewhere, arriving mail cannot be inspected. */
const seesDelivery = smarthost === undefined;
const underLoadTest = test.runIf(seesDelivery);
const named = (name: string): string =>
  seesDelivery ? name : `${name} (left out: with --smarthost arriving mail cannot be inspected)`;

let installation: Installation;
let description: ClusterDescription;
/** All mail of this installation. */
const everything: Sent[] = [];

beforeAll(async () => {
  installation = await install(options);
  description = await describeCluster(installation.backends);
  if (keep) await writeDescription(description);
});

afterAll(async () => {
  if (!keep) await removeAll();
  else {
    progress('The release stays: .mysmtp/cluster.json; `npm run e2e:cluster -- --down` removes it');
  }
});

test('mail is accepted through the load balancer with TLS and AUTH and is in the usage log', async () => {
  const recipient = `someone-${randomUUID()}@example.net`;
  const { id, message, bodyHash } = testMessage(description.credential.from, [recipient], 4_000);
  const session = await openSession(description);
  const answer = await session.submit(description.credential.from, [recipient], message);
  session.quit();
  expect(answer).toMatchObject({ code: 250 });
  everything.push({ id, recipients: [recipient], bodyHash, answer, at: Date.now() });
  if (seesDelivery) {
    await eventually(
      async () => {
        const delivered = await readMaildir(description.mx.maildir);
        expect(delivered.map((mail) => mail.id)).toContain(id);
      },
      { timeout: 60_000 },
    );
  }
  await using way = await portForward('logging');
  const api = { ...description.api, logging: way.url };
  await eventually(
    async () => {
      const rows = await usageLog({ ...description, api }, { recipient });
      expect(rows).toMatchObject([{ recipient, ...(seesDelivery ? { status: 'delivered' } : {}) }]);
    },
    { timeout: 60_000 },
  );
});

test('the public API of each service has TLS, with a certificate for its name', async () => {
  for (const service of serviceNames) {
    await using way = await portForward(service);
    const { status } = await fetch(`${way.url}/openapi.json`);
    expect(status, service).toBe(200);
  }
});

test('services accept a token of the cluster only if it belongs to one of them and is for their audience', async () => {
  await using way = await portForward('privacy', 8081);
  const fences = async (account: string, audience: string): Promise<number> => {
    const token = await kubectl(['create', 'token', account, '--audience', audience]);
    const url = `${way.url}/internal/v1/fences`;
    return (await call(url, token.trim(), { body: {} })).status;
  };
  expect(await fences(`${release}-ingress`, 'mysmtp-privacy')).toBe(200);
  expect(await fences(`${release}-ingress`, 'mysmtp-identity')).toBe(401);
  expect(await fences('default', 'mysmtp-privacy')).toBe(401);
  const { status } = await call(`${way.url}/internal/v1/fences`, 'no-token', { body: {} });
  expect(status).toBe(401);
});

test('the credentials of the first tenant are in its Secret and in no log', async () => {
  const secrets = [
    description.credential.password,
    description.tenant.ownerToken,
    description.operator.token,
  ];
  const { items } = await get<{ items: readonly { metadata: { name: string } }[] }>('pods');
  for (const { metadata } of items) {
    const log = await kubectl(['logs', metadata.name, '--all-containers']);
    for (const secret of secrets) expect(log.includes(secret), metadata.name).toBe(false);
  }
});

underLoadTest(named('a rolling upgrade under load'), async () => {
  const { sent, duplicates } = await underLoad(description, everything, () =>
    installation.upgrade({ pod: { annotations: { 'example.org/revision': 'second' } } }),
  );
  expect(duplicates).toBe(0);
  expect([421, 451]).toEqual(expect.arrayContaining([...refusals(sent)]));
});

underLoadTest(named('a rollback under load'), async () => {
  const { sent, duplicates } = await underLoad(description, everything, () =>
    installation.rollback(),
  );
  expect(duplicates).toBe(0);
  expect([421, 451]).toEqual(expect.arrayContaining([...refusals(sent)]));
});

underLoadTest(named('a node is drained under load'), async ({ skip }) => {
  const pods = (await Promise.all(serviceNames.map((name) => podsOf(name)))).flat();
  const elsewhere = pods
    .map(({ spec }) => spec.nodeName)
    .find((name) => name !== undefined && name !== installation.vaultNode);
  const node = elsewhere ?? skip('All pods are on one node');
  try {
    const { sent, duplicates } = await underLoad(description, everything, async () => {
      const ours = ['--pod-selector', `app.kubernetes.io/instance=${release}`];
      await kubectl(['drain', node, ...ours, '--ignore-daemonsets', '--timeout', '10m']);
      for (const service of serviceNames) await whenReady(service);
    });
    expect(duplicates).toBe(0);
    expect([421, 451]).toEqual(expect.arrayContaining([...refusals(sent)]));
  } finally {
    await kubectl(['uncordon', node]);
  }
});

underLoadTest.each(serviceNames)(
  named('a pod of %s is deleted at once, under load'),
  async (service) => {
    const { sent, duplicates } = await underLoad(description, everything, async () => {
      const [pod] = await podsOf(service);
      if (pod === undefined) throw new Error(`There is no pod of ${service}`);
      await deleteAtOnce(pod);
      await sleep(1_000);
      await whenReady(service);
    });
    // Clients that were connected to it see their connection end.
    expect([0, 421, 451]).toEqual(expect.arrayContaining([...refusals(sent)]));
    progress(`${service}: ${String(duplicates)} duplicates`);
  },
);
