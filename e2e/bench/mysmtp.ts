import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { serviceNames } from '@mysmtp/contracts';
import {
  startStack,
  type Stack,
  type StackDescription,
  type StartOptions,
} from '@mysmtp/local-stack';
import { startDnsServer } from '@mysmtp/test-kit';
import { call } from '../kit/api.ts';
import { interrupted } from './interrupt.ts';
import { submit } from './load.ts';
import type { Profile } from './profiles.ts';
import { startSink } from './sink.ts';
import type { Account, System } from './system.ts';

/** Of one domain the customer signs the mail itself, of the others we sign: with RSA alone, and with Ed25519 too. */
export interface Senders {
  readonly customer: string;
  readonly ours: string;
  readonly both: string;
}

/** The domains for which we sign, with the DKIM records that they publish: we sign with these keys only. */
const signedDomains = {
  ours: { name: 'signed.example.org', published: ['dkim'] },
  both: { name: 'both.example.org', published: ['dkim', 'dkim-ed25519'] },
} as const;
/** How many of our signatures mail of each sender has. */
const signatures = { customer: 0, ours: 1, both: 2 } as const;

interface Place {
  readonly root: string;
  /** A folder that the sink can write as any user. */
  readonly dump: string;
  readonly sinkPort: number;
}

export interface MySmtp extends System {
  readonly senders: Senders;
  /** For TLS and AUTH. */
  readonly account: Account;
  /** The algorithms of our DKIM signatures, as they were found in an arrived mail of `both`. */
  readonly algorithms: readonly string[];
  readonly stack: Stack;
}

interface How {
  readonly progress: (line: string) => void;
  readonly cpuProfile?: string | undefined;
  /** Its folder below the root. */
  readonly name?: string;
  readonly env?: Env;
}

type Env = NonNullable<StartOptions['env']>;

/** The five services as started by `npm start`, with all mail going to the sink. */
export async function startMySmtp(place: Place, how: How): Promise<MySmtp> {
  const { progress, cpuProfile, name = 'mysmtp', env: given = {} } = how;
  const zone = { txt: {} as Record<string, string[]> };
  const dns = await startDnsServer(zone);
  const settings = { DNS_SERVERS: dns.address, DOMAIN_CHECK_PAUSE: '1s' };
  const env = { ...given, identity: { ...settings, ...given.identity } };
  const stack = await startStack({
    dir: path.join(place.root, name),
    smarthost: `127.0.0.1:${String(place.sinkPort)}`,
    network: '127.0.0.1/32',
    progress,
    signal: interrupted,
    env: cpuProfile === undefined ? env : profiled(path.resolve(cpuProfile), env),
  });
  try {
    const description = stack.description();
    const senders = await prepareSenders(description, zone.txt);
    const algorithms = await proveSenders(description, senders, place);
    const { smtp, credential } = description;
    return {
      product: `mySMTP on ${description.rabbitmq.product} and ${description.mongodb.product}`,
      port: description.smtp.networkPort ?? 0,
      durability:
        '250 after the confirm of a quorum queue, which syncs its log for several messages at once',
      senders,
      account: { ...credential, port: smtp.tlsPort, caFile: smtp.caFile },
      algorithms,
      stack,
      roots: () => rootsOf(stack),
      settle: () => settleLog(description),
      async stop() {
        dns.close();
        await stack.stop();
      },
    };
  } catch (error) {
    dns.close();
    await stack.stop();
    throw error;
  }
}

/** Node writes the profile when the service ends. */
function profiled(dir: string, env: Env): Env {
  return Object.fromEntries(
    serviceNames.map((name) => [
      name,
      { ...env[name], NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${path.join(dir, name)}` },
    ]),
  );
}

/** From now on we sign no mail of the demo tenant's own domain. Returns a sender of it. */
export async function letCustomerSign({ api, tenant }: StackDescription): Promise<string> {
  const domains = `${api.identity}/v1/domains`;
  const { body: listed } = await expectStatus(200, call(domains, tenant.ownerToken));
  for (const { id } of (listed as { domains: { id: string }[] }).domains) {
    const change = { method: 'PATCH', body: { signing: 'customer' } };
    await expectStatus(200, call(`${domains}/${id}`, tenant.ownerToken, change));
  }
  return `hello@${tenant.domain}`;
}

/** A domain of the demo tenant for each way of signing. Their records are put into `txt`. */
async function prepareSenders(
  description: StackDescription,
  txt: Record<string, string[]>,
): Promise<Senders> {
  const { api, operator, tenant } = description;
  const domains = `${api.identity}/v1/domains`;
  const customer = await letCustomerSign(description);
  for (const { name, published } of Object.values(signedDomains)) {
    // Mail of an unverified domain is refused.
    const vouch = { reason: 'A domain of the benchmark' };
    const body = { tenant: tenant.id, name, vouch };
    const { body: made } = await expectStatus(201, call(domains, operator.token, { body }));
    const { id } = made as { id: string };
    await publishKeys(`${domains}/${id}`, tenant.ownerToken, published, txt);
  }
  return {
    customer,
    ours: `hello@${signedDomains.ours.name}`,
    both: `hello@${signedDomains.both.name}`,
  };
}

/** Puts these records of a domain into `txt`, until identity has found them there. */
async function publishKeys(
  domain: string,
  token: string,
  kinds: readonly string[],
  txt: Record<string, string[]>,
): Promise<void> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const { body } = await expectStatus(200, call(`${domain}/records`, token));
    const { records } = body as { records: Record<'kind' | 'name' | 'value' | 'state', string>[] };
    const keys = records.filter(({ kind }) => kinds.includes(kind));
    if (keys.length === kinds.length && keys.every(({ state }) => state === 'ok')) return;
    if (Date.now() > deadline) throw new Error('The DKIM keys are not found in DNS');
    for (const { name, value } of keys) txt[name] = [value];
    // Refused if the last check was less than a second ago.
    await call(`${domain}/check`, token, { method: 'POST' });
    await sleep(500, undefined, { signal: interrupted });
  }
}

/**
 * Inspects arriving mail, until the mail of each domain has as many signatures of ours as it should. Returns
 * their algorithms.
 */
async function proveSenders(
  description: StackDescription,
  senders: Senders,
  place: Place,
): Promise<string[]> {
  let algorithms: string[] = [];
  for (const who of ['customer', 'ours', 'both'] as const) {
    const deadline = Date.now() + 60_000;
    for (let tries = 0; ; tries += 1) {
      const dump = path.join(place.dump, `${who}-${String(tries)}`);
      await sendOne(description.smtp.networkPort ?? 0, senders[who], place.sinkPort, dump);
      algorithms = algorithmsOf(await readFile(dump, 'latin1'));
      if (algorithms.length === signatures[who]) break;
      if (Date.now() > deadline) throw new Error(`Mail signed by ${who} does not arrive like that`);
      await sleep(500, undefined, { signal: interrupted });
    }
  }
  return algorithms;
}

/** The algorithm of each DKIM signature of a message (RFC 6376 3.5). */
const algorithmsOf = (message: string): string[] =>
  [...message.matchAll(/\nDKIM-Signature:[^:]*?\ba=([\w-]+)/g)].map(([, name = '']) => name);

async function sendOne(port: number, from: string, sinkPort: number, dump: string): Promise<void> {
  const one: Profile = { messages: 1, octets: 1_024, sessions: 1, reuse: false, rounds: 1 };
  const sink = await startSink(sinkPort, dump);
  try {
    await submit(one, { port, from });
    await sink.reaches(1);
  } finally {
    await sink.stop();
  }
}

async function expectStatus<T extends { status: number }>(status: number, answer: Promise<T>) {
  const got = await answer;
  if (got.status !== status) throw new Error(`The stack answered ${String(got.status)}`);
  return got;
}

function rootsOf(stack: Stack): Record<string, readonly number[]> {
  const { pids } = stack.description();
  const parts = [...serviceNames, 'rabbitmq', 'mongodb'];
  return Object.fromEntries(parts.map((part) => [part, pids[part] ?? []]));
}

/** The usage log is part of the work: waits until logging has written nothing for a second. */
async function settleLog({ operations }: StackDescription): Promise<void> {
  for (let before = -1, now = 0; before !== now;) {
    before = now;
    await sleep(1_500, undefined, { signal: interrupted });
    const metrics = await (await fetch(`${operations.logging}/metrics`)).text();
    now = Number(
      /^mysmtp_usage_log_events_total\{[^}]*written[^}]*\} (\d+)/m.exec(metrics)?.[1] ?? 0,
    );
  }
}
