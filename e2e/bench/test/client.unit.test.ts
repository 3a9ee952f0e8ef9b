import { freePort } from '@mysmtp/test-kit';
import { expect, onTestFinished, test } from 'vitest';
import { messageWith, numberOf } from '../client/message.ts';
import { createMoments } from '../client/moments.ts';
import { runClient } from '../client/run.ts';
import { startTimedSink } from '../timed-sink/sink.ts';

async function sinkWith(how: Parameters<typeof startTimedSink>[1]) {
  const sink = await startTimedSink(await freePort(), how);
  onTestFinished(() => sink.stop());
  return sink;
}

const addresses = { from: 'hello@demo.example.org', to: 'someone@example.net' };

test('the sink recognises a message of the client behind the fields of a relay', () => {
  const message = messageWith(4_711, addresses, 'text\r\n').toString('latin1');
  expect(numberOf(`Received: from client.example.org\r\n\tby relay\r\n${message}`)).toBe(4_711);
  expect(numberOf(message.replace('client.example.org', 'another.example'))).toBeUndefined();
});

test('each message has its moments, in order, for every size of a message', async () => {
  const messages = 40;
  for (const octets of [64, 10_240, 300_000]) {
    const moments = createMoments(messages);
    const sink = await sinkWith({ moments });
    const submitter = { ...addresses, port: sink.port };
    await runClient({ submitter, messages, octets, sessions: 4, rate: 400, moments });
    await sink.reaches(messages);
    const { due, lastOctet, reply, arrival } = moments;
    for (let n = 0; n < messages; n += 1) {
      const at = [due[n], lastOctet[n], reply[n]] as [number, number, number];
      expect(at, `message ${String(n)}`).toEqual([...at].sort((a, b) => a - b));
      expect(arrival[n]).toBeGreaterThan(at[0]);
      expect(arrival[n]).toBeLessThanOrEqual(at[2]);
    }
    // The distance of messages that are due depends on nothing that the server does.
    expect((due[messages - 1] ?? 0) - (due[0] ?? 0)).toBeCloseTo(((messages - 1) * 1_000) / 400);
  }
});

test('a slow server does not change what is due; its time is in the figures', async () => {
  const messages = 6;
  const latency = 20;
  const moments = createMoments(messages);
  const sink = await sinkWith({ moments, latency });
  const submitter = { ...addresses, port: sink.port };
  await runClient({ submitter, messages, octets: 64, sessions: 1, rate: 1_000, moments });
  const { due, reply } = moments;
  const last = messages - 1;
  expect((due[last] ?? 0) - (due[0] ?? 0)).toBeCloseTo(last);
  // One session, four replies for each message; a timer may end a millisecond early.
  expect((reply[last] ?? 0) - (due[0] ?? 0)).toBeGreaterThan(messages * 4 * (latency - 1));
});

test('mail of some recipients is deferred and counted, and the client fails', async () => {
  const sink = await sinkWith({ deferred: 'later@' });
  const submitter = { ...addresses, to: 'later@example.net', port: sink.port };
  const task = { submitter, messages: 1, octets: 64, sessions: 1 };
  await expect(runClient(task)).rejects.toThrow('450 4.2.1');
  expect([sink.deferred(), sink.received()]).toEqual([1, 0]);
});
