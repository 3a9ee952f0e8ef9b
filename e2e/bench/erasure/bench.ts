import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SubjectKind } from '@mysmtp/contracts';
import { startStack, type StackDescription } from '@mysmtp/local-stack';
import { eventually } from '@mysmtp/test-kit';
import { MongoClient } from 'mongodb';
import { openSession } from '../../kit/client.ts';
import { newCustomer, type Customer } from '../../kit/customers.ts';
import { databaseOf } from '../../kit/databases.ts';
import { askErasure, erasureAt, type Erasure } from '../../kit/erasures.ts';
import { interrupted } from '../interrupt.ts';
import { submit } from '../load.ts';
import { letCustomerSign } from '../mysmtp.ts';
import type { Profile } from '../profiles.ts';
import { startSink } from '../sink.ts';
import { fillUsageLog } from './events.ts';
import { erasureTable, type ErasureTimes, type Stage } from './report.ts';

/** Far fewer than ingress accepts over as many connections as there are sessions. */
const messagesAtOnce = 25_000;
const pollEvery = { tenant: 2_000, person: 1_000 } as const;
/**
 * How long the rate of the others is measured before each erasure, and again after the last one, because the
 * machine's own speed changes within minutes. Milliseconds.
 */
const pause = 30_000;

/**
 * Erasures with a million usage events of the tenant and a million of others, while others send at the
 * maximum rate: the time of each stage, and the effect on the others. Returns the table. `person`: as many
 * recipients of the tenant as the profile has rounds are erased, one after another.
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
    const persons = Array.from(
      { length: kind === 'person' ? profile.rounds : 0 },
      (_, n) => `someone-${String(n)}@person.example`,
    );
    const indexes = await indexesOf(description, customer, persons);
    const tenants = [customer.id, description.tenant.id];
    await fillUsageLog(description, tenants, profile.messages, say, indexes);

    const mail = {
      port: description.smtp.networkPort ?? 0,
      // If we sign, delivery sends less than ingress accepts, and markers wait behind a queue that grows.
      from: await letCustomerSign(description),
    };
    const load = startLoad(profile, mail);
    await sleep(5_000, undefined, { signal: interrupted });
    const erasures: ErasureTimes[] = [];
    let mark = load.mark();
    for (const address of kind === 'person' ? persons : [undefined]) {
      await sleep(pause, undefined, { signal: interrupted });
      const before = load.mark();
      say('erasing');
      const { stages, receipts } = await erase(description, customer, address, say);
      const after = load.mark();
      const deleted = receipts.find(({ store }) => store === 'logging.messages')?.deleted ?? 0;
      erasures.push({
        stages,
        deleted,
        before: rate(mark, before),
        meanwhile: rate(before, after),
      });
      mark = after;
    }
    await sleep(pause, undefined, { signal: interrupted });
    const after = rate(mark, load.mark());
    await load.stop();
    return erasureTable(erasures, after);
  } finally {
    await stack.stop();
    await sink.stop();
  }
}

/** One erasure: the time of each stage, and the receipts. */
async function erase(
  description: StackDescription,
  customer: Customer,
  address: string | undefined,
  say: (line: string) => void,
): Promise<Pick<ErasureTimes, 'stages'> & Pick<Erasure, 'receipts'>> {
  const every = pollEvery[address === undefined ? 'tenant' : 'person'];
  const asked = await askErasure(description, customer.id, address);
  const stages: Stage[] = [];
  let since = performance.now();
  for (let step = 'planting'; ;) {
    await sleep(every, undefined, { signal: interrupted });
    const now = await erasureAt(description, asked);
    if (now.step === step) continue;
    stages.push({ name: step, seconds: (performance.now() - since) / 1_000 });
    say(`${step}: ${String(stages.at(-1)?.seconds.toFixed(1))} s`);
    step = now.step;
    since = performance.now();
    if (step === 'completed_live') return { stages, receipts: now.receipts };
  }
}

/** Sends one message to each of them, and reads their blind indexes from the usage log. */
async function indexesOf(
  description: StackDescription,
  customer: Customer,
  persons: readonly string[],
): Promise<string[]> {
  if (persons.length === 0) return [];
  const session = await eventually(() => openSession(description, customer.credential));
  const from = `o@${customer.domain}`;
  const ids: string[] = [];
  for (const person of persons) {
    // The keys of a new customer may still be on their way.
    const text = await eventually(async () => {
      const reply = await session.submit(from, [person], `From: <${from}>\r\n\r\nHello\r\n`);
      if (reply.code !== 250) throw new Error(reply.text);
      return reply.text;
    });
    ids.push(`${text.split(' ').at(-1) ?? ''}:0`);
  }
  session.quit();
  await using client = new MongoClient(description.mongodb.url);
  const database = client.db(databaseOf(description, 'logging'));
  // The client closes at the end of this function.
  return await eventually(
    async () => {
      const found = new Map<string, string>();
      for (const { name } of await database.listCollections({ name: /^messages_/ }).toArray()) {
        const rows = database.collection<{ _id: string; recipientIndex: string }>(name);
        for await (const { _id, recipientIndex } of rows.find({ _id: { $in: ids } }))
          found.set(_id, recipientIndex);
      }
      return ids.map((id) => {
        const index = found.get(id);
        if (index === undefined) throw new Error(`Not in the usage log yet: ${id}`);
        return index;
      });
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

/** Sends until it is stopped. A mark has the number of accepted messages. */
function startLoad(profile: Profile, mail: { readonly port: number; readonly from: string }) {
  let messages = 0;
  const stopping = new AbortController();
  const running = (async () => {
    while (!stopping.signal.aborted) {
      const before = messages;
      await submit({ ...profile, messages: messagesAtOnce }, mail, {
        signal: stopping.signal,
        accepted: (count) => (messages = before + count),
      });
    }
  })();
  // The function that stops it reports a failure.
  running.catch(() => undefined);
  return {
    mark: (): Mark => ({ messages, seconds: performance.now() / 1_000 }),
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
