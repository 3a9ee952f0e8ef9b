import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startStack } from '@mysmtp/local-stack';
import { newCustomer } from '../../kit/customers.ts';
import { askErasure, erasureAt } from '../../kit/erasures.ts';
import { interrupted } from '../interrupt.ts';
import { submit } from '../load.ts';
import type { Profile } from '../profiles.ts';
import { startSink } from '../sink.ts';
import { fillUsageLog } from './events.ts';
import { erasureTable, type Stage } from './report.ts';

const pollEvery = 2_000;
/**
 * How long the rate of the others is measured before the erasure, and again after it, because the machine's
 * own speed changes within minutes. Milliseconds.
 */
const baseline = 30_000;

/**
 * One erasure with a million usage events of the tenant and a million of others, while others send at the
 * maximum rate: the time of each stage, and the effect on the others. Returns the table.
 */
export async function benchErasure(
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
    await fillUsageLog(description, [customer.id, description.tenant.id], profile.messages, say);

    const mail = {
      port: description.smtp.networkPort ?? 0,
      from: `hello@${description.tenant.domain}`,
    };
    const load = startLoad({ ...profile, messages: 500 }, mail);
    await sleep(5_000, undefined, { signal: interrupted });
    const began = load.mark();
    await sleep(baseline, undefined, { signal: interrupted });
    const before = load.mark();
    say('erasing');
    const asked = await askErasure(description, customer.id);
    const stages: Stage[] = [];
    let since = performance.now();
    for (let step = 'planting'; step !== 'completed_live';) {
      await sleep(pollEvery, undefined, { signal: interrupted });
      const now = await erasureAt(description, asked);
      if (now.step === step) continue;
      stages.push({ name: step, seconds: (performance.now() - since) / 1_000 });
      say(`${step}: ${String(stages.at(-1)?.seconds.toFixed(1))} s`);
      step = now.step;
      since = performance.now();
    }
    const after = load.mark();
    const { receipts } = await erasureAt(description, asked);
    await sleep(baseline, undefined, { signal: interrupted });
    const ended = load.mark();
    await load.stop();
    return erasureTable(stages, receipts, {
      before: rate(began, before),
      meanwhile: rate(before, after),
      after: rate(after, ended),
    });
  } finally {
    await stack.stop();
    await sink.stop();
  }
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
