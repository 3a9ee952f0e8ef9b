import { createHash } from 'node:crypto';
import {
  answeringStores,
  outlivingAt,
  outlivingOf,
  registryVersions,
  type Certificate,
} from '@mysmtp/contracts';
import { expect, test } from 'vitest';
import { openRegistry } from '../src/frozen-registry.ts';
import { readRegistry } from '../src/inputs.ts';
import { allowedIn } from '../src/retained.ts';
import { keys, receipt } from './builder.ts';
import { checkUnder, good } from './checking.ts';

/** A certificate of a version of the registry, complete at this time. */
async function certificateOf(version: number, completedAt: string): Promise<Certificate> {
  const octets = (await readRegistry(version)) ?? new Uint8Array();
  const sha256 = createHash('sha256').update(octets).digest('hex');
  const registry = await openRegistry({ version, sha256 }, readRegistry);
  if ('reason' in registry) throw new Error(registry.reason);
  const collections = registry.collections.filter(({ subject }) => subject !== null);
  const found = Object.fromEntries(collections.map(({ id }) => [id, 0]));
  const end = Date.parse(completedAt);
  const before = (milliseconds: number) => new Date(end - milliseconds).toISOString();
  const dates = { requestedAt: before(60_000), completedAt };
  const { outlives = registry.outlives ?? [] } =
    registryVersions.find((one) => one.version === version) ?? {};
  return {
    ...good,
    ...dates,
    registry: { version, sha256 },
    receipts: await Promise.all(
      [...answeringStores(registry, 'tenant')].map(([store, service]) =>
        receipt(
          store,
          {
            service,
            registryVersion: version,
            retained: allowedIn({ kind: 'tenant', registry }, store),
            at: before(40_000),
          },
          service,
        ),
      ),
    ),
    fence: { ...good.fence, raisedAt: before(50_000) },
    canaries: collections.map(({ id }) => id),
    sweeps: [30_000, 10_000].map((ago) => ({ at: before(ago), found })),
    retained: outlivingOf(outlives, 'tenant').map((kept) => outlivingAt(kept, dates)),
  };
}

/** Keys that are older than all versions. */
const timeless = { keys: keys.keys.map((key) => ({ ...key, nbf: 0 })) };

const older = registryVersions.filter(({ version }) => version > 1);

test.each(older)('a certificate of version $version holds within its time', async (version) => {
  const certificate = await certificateOf(version.version, version.from);
  expect(await checkUnder(timeless, certificate)).toEqual([]);
});

test.each(older)('and in no other: version $version', async ({ version, from, until }) => {
  const reasonAt = async (at: string) =>
    checkUnder(timeless, await certificateOf(version, new Date(at).toISOString()));
  const early = new Date(Date.parse(from) - 1).toISOString();
  const words = `and version ${String(version)} of the registry was used from ${from}`;
  const end = until === null ? '' : ` until ${until}`;
  expect(await reasonAt(early)).toEqual([`It was complete on ${early}, ${words}${end}`]);
  if (until === null) return;
  const late = new Date(until).toISOString();
  expect(await reasonAt(late)).toEqual([`It was complete on ${late}, ${words}${end}`]);
});

test('an older registry, which requires less, for an erasure of today', async () => {
  expect(await checkUnder(keys, await certificateOf(2, good.completedAt))).toEqual([
    `It was complete on ${good.completedAt}, and version 2 of the registry was used from 2026-11-24T00:00:00Z until 2026-11-29T00:00:00Z`,
  ]);
});
