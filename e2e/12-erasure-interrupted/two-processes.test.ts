import { readFileSync } from 'node:fs';
import { once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';
import { eventually } from '@mysmtp/test-kit';
import { decodeJwt } from 'jose';
import { expect, test } from 'vitest';
import { newCustomer, type Customer } from '../kit/customers.ts';
import { askErasure, erasureAt, erasureReaches, expectEveryStoreOnce } from '../kit/erasures.ts';
import { scenarioStack, shortTimes } from '../kit/stack.ts';

const { current, description } = scenarioStack(() => ({ env: shortTimes() }));

/** A client that sends line by line, so that a test can stop at any point. */
class Client {
  private readonly socket: TLSSocket;
  private heard = '';

  constructor(port: number) {
    const ca = readFileSync(description().smtp.caFile);
    this.socket = connect({ host: '127.0.0.1', port, ca, servername: 'localhost' });
    this.socket.on('data', (octets) => (this.heard += octets.toString()));
    this.socket.on('error', () => undefined);
  }

  /** The next complete reply. */
  reply(): Promise<string> {
    return eventually(
      () => {
        const whole = /^(?:\d{3}-.*\r\n)*\d{3} .*\r\n/.exec(this.heard)?.[0];
        if (whole === undefined) throw new Error('no reply yet');
        this.heard = this.heard.slice(whole.length);
        return whole;
      },
      { timeout: 20_000, every: 5 },
    );
  }

  write(text: string): void {
    this.socket.write(text);
  }

  async say(line: string): Promise<string> {
    this.write(`${line}\r\n`);
    return this.reply();
  }

  async close(): Promise<void> {
    if (this.socket.destroyed) return;
    this.socket.end();
    await once(this.socket, 'close');
  }
}

async function signedIn(port: number, { credential }: Customer): Promise<Client> {
  const client = new Client(port);
  expect(await client.reply()).toMatch(/^220 /);
  expect(await client.say('EHLO client.example')).toMatch(/^250/);
  const plain = Buffer.from(`\0${credential.username}\0${credential.password}`).toString('base64');
  expect(await client.say(`AUTH PLAIN ${plain}`)).toMatch(/^235 /);
  return client;
}

test('the fence applies in every process: one is within a DATA, the other between two mails', async () => {
  const second = await current().another('ingress');
  const customer = await newCustomer(description(), {
    name: 'Somebody',
    domain: 'somebody.example',
    owner: 'o@somebody.example',
  });
  const sender = 'hello@somebody.example';
  const ports = [description().smtp.tlsPort, second.ports['SMTP_TLS_PORT'] ?? 0];
  const [idle, sending] = await Promise.all(
    ports.map((port) => eventually(() => signedIn(port, customer), { timeout: 20_000 })),
  );
  if (idle === undefined || sending === undefined) throw new Error('two clients');
  expect(await sending.say(`MAIL FROM:<${sender}>`)).toMatch(/^250 /);
  expect(await sending.say('RCPT TO:<reader@example.net>')).toMatch(/^250 /);
  expect(await sending.say('DATA')).toMatch(/^354 /);
  // Large enough to be in the spool by now.
  sending.write(`From: <${sender}>\r\nSubject: half\r\n\r\n${'half of it\r\n'.repeat(30_000)}`);

  const asked = await askErasure(description(), customer.id);
  await eventually(
    async () => {
      const { step } = await erasureAt(description(), asked);
      expect(['planting', 'fencing']).not.toContain(step);
    },
    { timeout: 120_000 },
  );
  sending.write('the other half\r\n.\r\n');
  expect(await sending.reply()).toMatch(/^5\d\d /);
  expect(await idle.say(`MAIL FROM:<${sender}>`)).toMatch(/^5\d\d /);

  const erasure = await erasureReaches(description(), asked, 'completed_live');
  expectEveryStoreOnce(erasure);
  const { fence } = decodeJwt<{ fence: { processes: Record<string, number> } }>(
    erasure.certificate ?? '',
  );
  expect(fence.processes['ingress']).toBe(2);
  await Promise.all([idle.close(), sending.close()]);
}, 240_000);
