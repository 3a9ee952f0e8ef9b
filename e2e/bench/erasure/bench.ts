import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SubjectKind } from '@mysmtp/contracts';
import { startStack, type StackDescription } from '@mysmtp/local-stack';
import { eventually } from '@mysmtp/test-kit';
import { MongoClient } from 'mongodb';
import { openSession } from '../../kit/client.ts';
import { newCustomer, type Customer } from '../../kit/customers.ts';
import { databaseOf } from '../../kit/databases.ts';
import { askErasure, erasureAt } from '../../kit/erasures.ts';
import { interrupted } from '../interrupt.ts';
import { submit } from '../load.ts';
import { letCustomerSign } from '../mysmtp.ts';
import type { Profile } from '../profiles.ts';
import { startSink } from '../sink.ts';
import { fillUsageLog } from './events.ts';
import { erasureTable, type Stage } from './report.ts';

const pollEvery = { tenant: 2_000, person: 500 } as const;
/** One of the recipients of the customer. */
const person = 'someone@person.example';
/**
 * How long the rate of the others is measured before the erasure, and again after it, because the machine's
 * own speed changes within minutes. Milliseconds.
 */
const baseline = 30_000;

/**
 * One erasure with a million usage events of the tenant and a million of others, while others send at the
 * maximum rate: the time of each stage, and the effect on the others. Returns the table. `person`: only one
 * recipient of the tenant is erased.
 */
export async function benchErasure(
  kind: SubjectKind,
  place: { readonly root: string; readonly sinkPort: number },
  profile: Profile,
  say: (line: string) => void,
): Promise<string> {
  const sink = await startSink(place.sinkPort);
  const stack = await startStack({
    dir: path.join(place.root, 'mysmtp'),
    smarthost: `127.0.0.1:${String(place.sinkPort)}`,
    network: '127.0.0.1/32',
    progress: say,
    signal: interrupted,
  });
  try {
    const description = stack.description();
    const domain = 'leaving.example';
    const customer = await newCustomer(description, {
      name: 'Leaving',
      domain,
      owner: `o@${domain}`,
    });
    const index = kind === 'person' ? await indexOfPerson(description, customer) : undefined;
    await fillUsageLog(
      description,
      [customer.id, description.tenant.id],
      profile.messages,
      say,
      index,
    );

    const mail = {
      port: description.smtp.networkPort ?? 0,
      // If we sign, delivery sends less than ingress accepts, and markers wait behind a queue that grows.
      from: await letCustomerSign(description),
    };
    const load = startLoad({ ...profile, messages: 500 }, mail);
    await sleep(5_000, undefined, { signal: interrupted });
    const began = load.mark();
    await sleep(baseline, undefined, { signal: interrupted });
    const before = load.mark();
    say('erasing');
    const asked = await askErasure(
      description,
      customer.id,
      kind === 'person' ? person : undefined,
    );
    const stages: Stage[] = [];
    let since = performance.now();
    for (let step = 'planting'; step !== 'completed_live';) {
      await sleep(pollEvery[kind], undefined, { signal: interrupted });
      const now = await erasureAt(description, asked);
      if (now.step === step) continue;
      stages.push({ name: step, seconds: (performance.now() - since) / 1_000 });
      say(`${step}: ${String(stages.at(-1)?.seconds.toFixed(1))} s`);
      step = now.step;
      since = performance.now();
    }
    const after = load.mark();
    const { receipts } = await erasureAt(description, asked);
    const restOfMinute = Math.max(0, 60 - (after.seconds - before.seconds)) * 1_000;
    await sleep(restOfMinute, undefined, { signal: interrupted });
    const minute = load.mark();
    await sleep(baseline, undefined, { signal: interrupted });
    const ended = load.mark();
    await load.stop();
    return erasureTable(stages, receipts, {
      before: rate(began, before),
      meanwhile: rate(before, after),
      after: rate(minute, ended),
      minute: restOfMinute === 0 ? undefined : rate(before, minute),
    });
  } finally {
    await stack.stop();
    await sink.stop();
  }
}

/** Sends one message to the person, and reads its blind index from the usage log. */
async function indexOfPerson(description: StackDescription, customer: Customer): Promise<string> {
  const session = await eventually(() => openSession(description, customer.credential));
  const from = `o@${customer.domain}`;
  // The keys of a new customer may still be on their way.
  const text = await eventually(async () => {
    const reply = await session.submit(from, [person], `From: <${from}>\r\n\r\nHello\r\n`);
    if (reply.code !== 250) throw new Error(reply.text);
    return reply.text;
  });
  session.quit();
  const _id = `${text.split(' ').at(-1) ?? ''}:0`;
  await using client = new MongoClient(description.mongodb.url);
  const database = client.db(databaseOf(description, 'logging'));
  // The client closes at the end of this function.
  return await eventually(
    async () => {
      for (const { name } of await database.listCollections({ name: /^messages_/ }).toArray()) {
        const rows = database.collection<{ _id: string; recipientIndex: string }>(name);
        const row = await rows.findOne({ _id });
        if (row !== null) return row.recipientIndex;
      }
      throw new Error(`Not in the usage log yet: ${text}`);
    },
    { timeout: 60_000 },
  );
}

interface Mark {
  readonly messages: number;
  readonly seconds: number;
}

const rate = (from: Mark, to: Mark): number =>
  (to.messages - from.messages) / (to.seconds - from.seconds);

/**
 * Sends round after round until stopped; a mark has the number of accepted messages at the end of the last
 * one.
 */
function startLoad(profile: Profile, mail: { readonly port: number; readonly from: string }) {
  let done: Mark = { messages: 0, seconds: performance.now() / 1_000 };
  const stopping = new AbortController();
  const running = (async () => {
    while (!stopping.signal.aborted) {
      await submit(profile, mail);
      done = {
        messages: done.messages + profile.messages,
        seconds: performance.now() / 1_000,
      };
    }
  })();
  // The function that stops it reports a failure.
  running.catch(() => undefined);
  return {
    mark: () => done,
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
