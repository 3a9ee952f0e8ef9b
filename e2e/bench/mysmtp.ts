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
import { call } from '../kit/api.ts';
import { interrupted } from './interrupt.ts';
import { submit } from './load.ts';
import type { Profile } from './profiles.ts';
import { startSink } from './sink.ts';
import type { Account, System } from './system.ts';

/** The two domains: of one the customer signs the mail itself, of the other we sign. */
export interface Senders {
  readonly customer: string;
  readonly ours: string;
}

const signedDomain = 'signed.example.org';

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
  /** The algorithms of our DKIM signatures, as they were found in an arrived mail. */
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
  const { progress, cpuProfile, name = 'mysmtp', env = {} } = how;
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
    const senders = await prepareSenders(description);
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
      stop: () => stack.stop(),
    };
  } catch (error) {
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

/** Two domains of the demo tenant, one for each row. */
async function prepareSenders({ api, operator, tenant }: StackDescription): Promise<Senders> {
  const domains = `${api.identity}/v1/domains`;
  // Mail of an unverified domain is refused, and no DNS server of the benchmark has records.
  const vouch = { reason: 'The second domain of the benchmark', withoutDns: true };
  const body = { tenant: tenant.id, name: signedDomain, vouch };
  await expectStatus(201, call(domains, operator.token, { body }));
  const { body: listed } = await expectStatus(200, call(domains, tenant.ownerToken));
  for (const { id, name } of (listed as { domains: { id: string; name: string }[] }).domains) {
    const signing = name === signedDomain ? 'ours' : 'customer';
    const change = { method: 'PATCH', body: { signing } };
    await expectStatus(200, call(`${domains}/${id}`, tenant.ownerToken, change));
  }
  return { customer: `hello@${tenant.domain}`, ours: `hello@${signedDomain}` };
}

/**
 * Inspects arriving mail, until the mail of one domain has our signature and that of the other none. Returns
 * the algorithms of our signatures.
 */
async function proveSenders(
  description: StackDescription,
  senders: Senders,
  place: Place,
): Promise<string[]> {
  let algorithms: string[] = [];
  for (const who of ['customer', 'ours'] as const) {
    const deadline = Date.now() + 60_000;
    for (let tries = 0; ; tries += 1) {
      const dump = path.join(place.dump, `${who}-${String(tries)}`);
      await sendOne(description.smtp.networkPort ?? 0, senders[who], place.sinkPort, dump);
      const found = algorithmsOf(await readFile(dump, 'latin1'));
      if (found.length > 0) algorithms = found;
      if (found.length > 0 === (who === 'ours')) break;
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
