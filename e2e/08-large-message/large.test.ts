import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '@mysmtp/test-kit';
import { MongoClient } from 'mongodb';
import { expect, test } from 'vitest';
import { auditWhenQuiet } from '../kit/audit.ts';
import { openSession } from '../kit/client.ts';
import { databaseOf } from '../kit/databases.ts';
import { testMessage, type Sent } from '../kit/load.ts';
import { scenarioStack } from '../kit/stack.ts';

const { current, description } = scenarioStack(() => ({
  // A bundle needs other memory than the files of an image.
  fromSources: true,
}));
const mebibyte = 1024 * 1024;

/** Resident memory of a service, MiB. */
async function memory(name: 'ingress' | 'delivery'): Promise<number> {
  const status = await readFile(`/proc/${String(current().process(name).pid())}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
}

async function submit(size: number, tag: string): Promise<Sent> {
  const { from } = description().credential;
  const recipients = [`large-${tag}@example.net`];
  const session = await openSession(description());
  const { id, message, bodyHash } = testMessage(from, recipients, size);
  const answer = await session.submit(from, recipients, message);
  session.quit();
  return { id, recipients, bodyHash, answer, at: Date.now() };
}

test('20 MiB arrive unchanged', async () => {
  const sent = await submit(20 * mebibyte, 'one');
  expect(sent.answer.code).toBe(250);
  const result = await auditWhenQuiet([sent], description().mx.maildir);
  expect(result).toMatchObject({ delivered: 1, lost: 0, altered: 0, duplicates: 0 });
});

test('memory stays constant while eight of them are sent at once', async () => {
  const before = { ingress: await memory('ingress'), delivery: await memory('delivery') };
  const peak = { ingress: 0, delivery: 0 };
  const stopping = new AbortController();
  const watching = (async () => {
    while (!stopping.signal.aborted) {
      for (const name of ['ingress', 'delivery'] as const) {
        peak[name] = Math.max(peak[name], await memory(name));
      }
      await sleep(50);
    }
  })();
  const sent = await Promise.all(
    Array.from({ length: 8 }, (_, index) => submit(20 * mebibyte, `many-${String(index)}`)),
  );
  expect(sent.map(({ answer }) => answer.code)).toEqual(sent.map(() => 250));
  const result = await auditWhenQuiet(sent, description().mx.maildir, 120_000);
  stopping.abort();
  await watching;
  expect(result).toMatchObject({ lost: 0, altered: 0, duplicates: 0 });
  process.stderr.write(`MiB before ${JSON.stringify(before)}, at most ${JSON.stringify(peak)}\n`);
  // Eight messages are 160 MiB. What the process needs without them depends on what it has loaded.
  expect(peak.ingress - before.ingress).toBeLessThan(100);
  expect(peak.delivery - before.delivery).toBeLessThan(100);
});

test('the spool is empty once everything is delivered', async () => {
  const client = new MongoClient(description().mongodb.url);
  try {
    await eventually(async () => {
      const name = databaseOf(description(), 'ingress');
      const counts = ['spool.files', 'spool.chunks'].map((collection) =>
        client.db(name).collection(collection).countDocuments(),
      );
      expect(await Promise.all(counts)).toEqual([0, 0]);
    });
  } finally {
    await client.close();
  }
});

test('a message over the limit is refused with 552', async () => {
  const sent = await submit(26 * mebibyte, 'over');
  expect(sent.answer.code).toBe(552);
  expect(sent.answer.text).toMatch(/^552 5\.3\.4 /);
});
