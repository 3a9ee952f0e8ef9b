import { createSecretKey, randomBytes, randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { openBroker, openPublisher } from '@mysmtp/broker';
import { batchLimit, dayKeyId, newMessageId } from '@mysmtp/contracts';
import type { SealingKeys } from '@mysmtp/keys';
import { createLogger } from '@mysmtp/log';
import { createContent } from '../../src/intake/content.ts';
import { prepareHeader } from '../../src/intake/header.ts';
import { createMailBatches } from '../../src/intake/mail-batches.ts';
import { readMessage, type ReadMessage } from '../../src/intake/read.ts';
import { sealMessage } from '../../src/intake/seal-message.ts';
import type { Submission } from '../../src/intake/submission.ts';

/**
 * The stages of ingress alone, with messages of one size: the parser (checks, header, content; with and without
 * the body hash of a signature), the seal, and the publish to a real RabbitMQ. `npm run bench -- stages` starts
 * the broker and this program. Prints a line of JSON for each stage and round.
 */
const [url = '', messages = '0', octets = '0', rounds = '0', sessions = '0'] =
  process.argv.slice(2);
const count = Number(messages);
const tenant = randomUUID();
const at = Date.now();

const key = () => createSecretKey(randomBytes(32));
const keys: SealingKeys = {
  mail: key(),
  mailId: dayKeyId('mail', at),
  events: key(),
  eventsId: dayKeyId('events', at),
  index: key(),
  account: key(),
};

const from = 'hello@demo.example.org';
const header = [
  `From: <${from}>`,
  'To: <someone@example.net>',
  'Date: Mon, 30 Nov 2026 12:00:00 +0000',
  'Subject: benchmark',
  `Message-ID: <${randomUUID()}@client.example.org>`,
].join('\r\n');
const body = `${'X'.repeat(62)}\r\n`.repeat(Math.max(Math.round(Number(octets) / 64), 1));
const message = Buffer.from(`${header}\r\n\r\n${body}`);

function submissionOf(signing: 'ours' | 'customer'): Submission {
  return {
    kind: 'message',
    tenant,
    credential: randomUUID(),
    reversePath: from,
    recipients: ['someone@example.net'],
    protocol: 'ESMTP',
    smtputf8: false,
    sizeLimit: 25 * 1024 ** 2,
    findDomain: () => ({ id: 'domain', signing }),
    admitsAuthor: () => true,
    isAuthorized: () => true,
  };
}

async function read(submission: Submission): Promise<ReadMessage> {
  const content = createContent(() => {
    throw new Error('The message is too large for this bench');
  });
  const result = await readMessage(Readable.from([message]), {
    sizeLimit: submission.sizeLimit,
    content,
    prepareHeader: (octetsOfHeader) =>
      prepareHeader(octetsOfHeader, {
        id: newMessageId(at),
        at,
        smtpName: 'localhost',
        protocol: submission.protocol,
        smtputf8: submission.smtputf8,
        findDomain: (domain) => submission.findDomain(keys, domain),
        admitsAuthor: (address) => submission.admitsAuthor(keys, address),
        unsubscribeUrl: () => undefined,
      }),
  });
  if ('code' in result) throw new Error(`The message was refused: ${String(result.code)}`);
  return result;
}

async function measure(stage: string, work: () => Promise<void>): Promise<void> {
  const began = performance.now();
  const cpu = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(cpu);
  const seconds = (performance.now() - began) / 1_000;
  const result = { stage, messages: count, seconds, cpu: (user + system) / count };
  process.stdout.write(`${JSON.stringify(result)}\n`);
}

const customer = submissionOf('customer');
const ours = submissionOf('ours');
const sample = await read(customer);
const sealed = sealMessage(newMessageId(at), customer, sample, keys).content;

const log = createLogger('ingress', 'error');
const broker = openBroker({ url, service: 'ingress', log });
const publisher = openPublisher(broker);
const publishMail = createMailBatches(publisher, batchLimit);
while (!publisher.isReady()) await new Promise((resolve) => void setTimeout(resolve, 50));

/** As many callers as there would be sessions: each waits for the confirm of its message. */
async function publishAll(): Promise<void> {
  let left = count;
  const session = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await publishMail({
        headers: { v: 1, id: newMessageId(Date.now()), tenant, kind: 'message' },
        content: sealed,
        isAuthorized: () => true,
      });
    }
  };
  await Promise.all(Array.from({ length: Number(sessions) }, session));
}

for (let round = 0; round <= Number(rounds); round += 1) {
  // The first round is not counted by the reader: it has code that is not compiled yet.
  await measure('parser, the customer signs', async () => {
    for (let n = 0; n < count; n += 1) await read(customer);
  });
  await measure('parser, we sign', async () => {
    for (let n = 0; n < count; n += 1) await read(ours);
  });
  await measure('seal', async () => {
    for (let n = 0; n < count; n += 1) sealMessage(newMessageId(at), customer, sample, keys);
  });
  await measure('publish', publishAll);
}
await publisher.close();
await broker.close();
