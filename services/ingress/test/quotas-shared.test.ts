import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { plans } from '@mysmtp/contracts';
import { eventually, programOf } from '@mysmtp/test-kit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Account } from './support/accounts.ts';
import { openRawClient, type RawClient } from './support/client.ts';
import { freePorts } from './support/ports.ts';
import { message, submit } from './support/submit.ts';
import { openWorld, type World } from './support/world.ts';

/** How long a killed process is a member. */
const lease = 3_000;
const limit = 100;

let world: World;
let account: Account;
let from: string;
let other: ChildProcess;
let portOfOther: number;

beforeAll(async () => {
  world = await openWorld({ PROCESS_LEASE: `${String(lease)}ms` });
  account = await world.account();
  from = `a@${account.domain}`;
  const state = {
    status: 'active',
    limits: { ...plans.large, messagesPerMonth: limit },
  } as const;
  world.neighbours.know({ entity: 'tenant', id: account.tenant, state });
  await world.consume();
  await world.start();
  const [api = 0, operations = 0, starttls = 0, tls = 0, network = 0, internal = 0] =
    await freePorts(6);
  portOfOther = starttls;
  other = spawn(process.execPath, programOf('ingress'), {
    env: {
      ...process.env,
      ...world.env,
      API_PORT: String(api),
      OPERATIONS_PORT: String(operations),
      SMTP_STARTTLS_PORT: String(starttls),
      SMTP_TLS_PORT: String(tls),
      SMTP_NETWORK_PORT: String(network),
      INTERNAL_PORT: String(internal),
    },
    stdio: 'ignore',
  });
}, 60_000);
afterAll(async () => {
  other.kill('SIGKILL');
  await world.close();
});

const sessionAt = (port: number): Promise<RawClient> =>
  eventually(
    async () => {
      const client = await openRawClient(port);
      const reply = await client.login(world.ca, account.username, account.password);
      if (reply.code === 235) return client;
      client.destroy();
      throw new Error(reply.text);
    },
    { timeout: 40_000 },
  );

/** Sends until a message is refused; returns how many were accepted. */
async function fill(client: RawClient): Promise<number> {
  for (let count = 0; ; count += 1) {
    const { code, text } = await submit(client, from, ['b@example.net'], message(from));
    if (code === 250) continue;
    expect(text).toMatch(
      /^451 4\.7\.1 The limit of messages in a month \(100\) is reached for this account, /,
    );
    return count;
  }
}

/** Sends to all of these until nothing is accepted for two seconds; returns how many were accepted. */
async function fillAll(clients: readonly RawClient[]): Promise<number> {
  let all = 0;
  for (let quietSince = performance.now(); performance.now() - quietSince < 2_000;) {
    const counts = await Promise.all(clients.map(fill));
    const count = counts.reduce((sum, one) => sum + one, 0);
    all += count;
    if (count > 0) quietSince = performance.now();
    else await new Promise((resolve) => void setTimeout(resolve, 50));
  }
  return all;
}

test(
  'two processes share a limit, and the survivor of the two gets what is left',
  { timeout: 120_000 },
  async () => {
    const mine = await world.session(account);
    const theirs = await sessionAt(portOfOther);
    // Until each knows the other, a process takes the limit for its own.
    await eventually(async () => {
      const lines = await world.metric('mysmtp_quota_processes');
      expect(lines).toContain('mysmtp_quota_processes 2');
    });
    const begun = await Promise.all([fill(mine), fill(theirs)]);
    // Neither has read what the other one has written.
    for (const count of begun) expect(count).toBeLessThanOrEqual(limit);
    other.kill('SIGKILL');
    await once(other, 'exit');
    await eventually(async () => {
      const lines = await world.metric('mysmtp_quota_processes');
      expect(lines).toContain('mysmtp_quota_processes 1');
    });
    const rest = await fillAll([mine]);
    const all = begun.reduce((sum, one) => sum + one, 0) + rest;
    // At most what the killed process had accepted and not written, and the rounding of two shares.
    expect(all).toBeGreaterThanOrEqual(limit);
    expect(all).toBeLessThanOrEqual(limit + limit / 2 + 2);
    mine.destroy();
  },
);
