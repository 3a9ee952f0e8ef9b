import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { serviceNames, type ServiceName } from '@mysmtp/contracts';
import { eventually } from '@mysmtp/test-kit';
import { afterAll, expect, test } from 'vitest';
import { usageLog } from '../kit/api.ts';
import { auditWhenQuiet } from '../kit/audit.ts';
import { newCustomer } from '../kit/customers.ts';
import { askErasure, erasureReaches, expectEveryStoreOnce } from '../kit/erasures.ts';
import { startLoad } from '../kit/load.ts';
import { scenarioStack, shortTimes } from '../kit/stack.ts';

const next = await mkdtemp(path.join(tmpdir(), 'mysmtp-next-release-'));
afterAll(() => rm(next, { recursive: true }));

const hook = pathToFileURL(path.join(import.meta.dirname, 'next-release.ts')).href;
const asNextRelease = { NODE_OPTIONS: `--import=${hook}`, NEXT_RELEASE_DIR: next };
const { current, description } = scenarioStack(() => ({
  // One of them is replaced.
  fromSources: true,
  env: shortTimes(Object.fromEntries(serviceNames.map((name) => [name, asNextRelease]))),
}));

/** The log events of a message that could not be parsed. */
const misunderstood = [
  'message.refused',
  'messages.event_unreadable',
  'spool.unreadable_release',
  'projection.unreadable',
  'projection.unreadable_change',
  'broadcast.failed',
  'dead_letter.received',
  'erasure.answer_refused',
  'messages.row_unreadable',
];

const logOf = (name: ServiceName) =>
  readFile(path.join(description().logDir, `${name}.log`), 'utf8');

async function upgrade(service: ServiceName): Promise<void> {
  await writeFile(path.join(next, service), '');
  await current().process(service).replace('SIGTERM');
  expect(await logOf(service)).toContain(`${service} is of the next release`);
}

test('an upgrade with each order of readers under load: nothing lost, nothing misunderstood', async () => {
  const leaves = {
    name: 'Leaves',
    domain: 'leaves.example.org',
    owner: 'owner@leaves.example.org',
  };
  const leaving = await newCustomer(description(), leaves);
  const load = startLoad(description(), { sessions: 4, pause: 20 });
  // These are spooled.
  const large = startLoad(description(), { sessions: 1, size: 200_000, pause: 200 });
  await load.accepts(50);
  for (const service of ['privacy', 'identity', 'ingress', 'delivery'] as const) {
    await upgrade(service);
    await load.accepts(50);
  }
  expect((await readdir(next)).toSorted()).not.toContain('logging');

  // The last reader restarts unchanged, and loads a snapshot of the new identity.
  await current().process('logging').replace('SIGTERM');
  const comes = { name: 'Comes', domain: 'comes.example.org', owner: 'owner@comes.example.org' };
  const coming = await newCustomer(description(), comes);
  const theirs = startLoad(description(), {
    sessions: 1,
    as: { ...coming.credential, from: 'hello@comes.example.org' },
  });
  await theirs.accepts(20);
  await large.accepts(5);
  const asked = await askErasure(description(), leaving.id);
  expectEveryStoreOnce(await erasureReaches(description(), asked, 'completed_live'));

  await upgrade('logging');
  await load.accepts(50);
  const [sent, sentLarge, sentTheirs] = await Promise.all(
    [load, large, theirs].map((one) => one.stop()),
  );
  const all = [...(sent ?? []), ...(sentLarge ?? []), ...(sentTheirs ?? [])];
  const result = await auditWhenQuiet(all, description().mx.maildir, 60_000);
  expect(result).toMatchObject({ lost: 0, unexpected: 0, altered: 0, duplicates: 0 });
  expect(all.filter(({ answer }) => ![250, 421, 451].includes(answer.code))).toEqual([]);

  for (const [of, tenant] of [
    [[...(sent ?? []), ...(sentLarge ?? [])], description().tenant],
    [sentTheirs ?? [], { id: coming.id, ownerToken: coming.ownerToken }],
  ] as const) {
    const accepted = of.filter(({ answer }) => answer.code === 250);
    await eventually(
      async () => {
        const rows = await usageLog({
          ...description(),
          tenant: { ...description().tenant, ...tenant },
        });
        const delivered = rows.filter(({ status }) => status === 'delivered');
        expect(delivered.length).toBeGreaterThanOrEqual(accepted.length);
        expect(rows.length).toBe(delivered.length);
      },
      { timeout: 60_000, every: 500 },
    );
  }
  for (const name of serviceNames) {
    const log = await logOf(name);
    expect(
      misunderstood.filter((event) => log.includes(`"${event}"`)),
      name,
    ).toEqual([]);
  }
});
