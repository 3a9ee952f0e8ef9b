import type { StackDescription } from '@mysmtp/local-stack';
import { eventually, startDnsServer, startPeer, type DnsServer, type Peer } from '@mysmtp/test-kit';
import { dkimVerify } from 'mailauth/lib/dkim/verify.js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { call } from '../kit/api.ts';
import { openSession } from '../kit/client.ts';
import { testMessage } from '../kit/load.ts';
import { scenarioStack } from '../kit/stack.ts';

const zone = { txt: {} as Record<string, string[]>, failing: [] as string[] };
const name = 'shop.example';
let dns: DnsServer;
let peer: Peer;
beforeAll(async () => {
  dns = await startDnsServer(zone);
  peer = await startPeer();
});
afterAll(async () => {
  await peer.close();
  dns.close();
});
const { description } = scenarioStack(() => ({
  smarthost: `127.0.0.1:${String(peer.port)}`,
  env: { identity: { DNS_SERVERS: dns.address, DOMAIN_CHECK_PAUSE: '1s' } },
}));

interface Shown {
  readonly domain: { readonly status: string };
  readonly records: readonly {
    readonly kind: string;
    readonly name: string;
    readonly value: string | null;
    readonly state: string;
  }[];
}

const ask = (path: string, options?: Parameters<typeof call>[2]) => {
  const { api, tenant }: StackDescription = description();
  return call(`${api.identity}/v1/domains${path}`, tenant.ownerToken, options);
};

/** Submits a message from the domain; returns the reply, and the message as received if it was taken. */
async function send(): Promise<{ reply: string; raw: Buffer }> {
  const from = `hello@${name}`;
  const to = ['reader@example.net'];
  const before = peer.received.length;
  const session = await openSession(description());
  const answer = await session.submit(from, to, testMessage(from, to, 500).message);
  session.quit();
  if (answer.code !== 250) return { reply: answer.text, raw: Buffer.alloc(0) };
  const raw = await eventually(() => {
    expect(peer.received.length).toBeGreaterThan(before);
    return peer.received[before]!.raw;
  });
  return { reply: answer.text, raw };
}

/** As a receiver does, with the records in DNS. */
async function resultsOf(raw: Buffer): Promise<string[]> {
  const resolver = async (asked: string, type: string) => {
    const found = type === 'TXT' ? zone.txt[asked] : undefined;
    if (found === undefined) throw Object.assign(new Error('no such name'), { code: 'ENOTFOUND' });
    return found.map((text) => [text]);
  };
  const { results } = await dkimVerify(raw, { resolver });
  return results.map(({ algo, signingDomain, status }) =>
    [algo, signingDomain, status.result].join(' '),
  );
}

/** A check is possible every second. */
const check = (id: string): Promise<Shown> =>
  eventually(
    async () => {
      const { status, body } = await ask(`/${id}/check`, { method: 'POST' });
      expect(status).toBe(200);
      return body as Shown;
    },
    { every: 500 },
  );

test('a domain is refused, verified, signed for, and no longer signed for when its key is gone', async () => {
  const { body: made } = await ask('', { body: { name } });
  const { id, status } = made as { id: string; status: string };
  expect(status).toBe('unverified');
  await eventually(async () => expect((await send()).reply).toMatch(/^550 5\.7\.1 .*not verified/));

  const records = await eventually(async () => {
    const { records: shown } = (await ask(`/${id}/records`)).body as Shown;
    expect(shown.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['dkim', 'dkim-ed25519']));
    return shown;
  });
  for (const { kind, name: at, value } of records) {
    if (kind === 'ownership' || kind === 'dkim') zone.txt[at] = [value ?? ''];
  }
  expect((await check(id)).domain.status).toBe('verified');
  await eventually(async () => {
    const { reply, raw } = await send();
    expect(reply).toMatch(/^250 /);
    expect(await resultsOf(raw)).toEqual([`rsa-sha256 ${name} pass`]);
  });

  const second = records.find(({ kind }) => kind === 'dkim-ed25519');
  zone.txt[second?.name ?? ''] = [second?.value ?? ''];
  await check(id);
  const both = [`rsa-sha256 ${name} pass`, `ed25519-sha256 ${name} pass`];
  await eventually(async () => expect(await resultsOf((await send()).raw)).toEqual(both));

  const key = records.find(({ kind }) => kind === 'dkim')?.name ?? '';
  zone.failing = [key];
  await check(id);
  expect(await resultsOf((await send()).raw)).toEqual(both);

  zone.failing = [];
  delete zone.txt[key];
  delete zone.txt[second?.name ?? ''];
  await check(id);
  await eventually(async () => {
    expect((await send()).raw.toString()).not.toMatch(/^DKIM-Signature:/m);
  });
}, 180_000);
