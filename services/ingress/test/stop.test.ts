import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { eventually, nodeEnvironment, programOf } from '@mysmtp/test-kit';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Account } from './support/accounts.ts';
import { openRawClient } from './support/client.ts';
import { message, submit } from './support/submit.ts';
import { openWorld, type World } from './support/world.ts';

let world: World;
let account: Account;
let from: string;
let child: ChildProcess;

beforeAll(async () => {
  world = await openWorld();
  account = await world.account();
  from = `a@${account.domain}`;
  await world.consume();
});
afterAll(() => world.close());
afterEach(() => child.kill('SIGKILL'));

/** The service in a separate process, as in production. */
function start(env: Readonly<Record<string, string>> = {}): void {
  child = spawn(process.execPath, programOf('ingress'), {
    env: { ...nodeEnvironment(), ...world.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

async function startReady(): Promise<void> {
  start();
  child.stdout?.resume();
  await eventually(async () => {
    const { status } = await fetch(
      `http://127.0.0.1:${String(world.config.operationsPort)}/readyz`,
    );
    expect(status).toBe(200);
  });
}

test('SIGTERM: idle sessions get 421, a transaction is finished, then 421 and exit 0', async () => {
  await startReady();
  const idle = await world.session(account);
  const busy = await world.session(account);
  await busy.say(`MAIL FROM:<${from}>`);
  await busy.say('RCPT TO:<b@example.net>');
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  expect((await idle.read()).text).toMatch(/^421 4\.3\.2 /);
  await idle.closed();
  await expect(openRawClient(world.config.starttlsPort)).rejects.toThrow();
  expect((await busy.say('DATA')).code).toBe(354);
  busy.write(message(from));
  const answer = await busy.say('.');
  expect(answer.code).toBe(250);
  expect((await busy.read()).text).toMatch(/^421 4\.3\.2 /);
  expect((await exited)[0]).toBe(0);
  await eventually(() => {
    expect(world.taken.map(({ id }) => id)).toContain(answer.text.slice(-36));
  });
});

test('SIGTERM under load: only 421, each message with a 250 has arrived, none arrives twice', async () => {
  await startReady();
  world.taken.length = 0;
  const accepted: string[] = [];
  const others: string[] = [];
  const load = Array.from({ length: 10 }, async () => {
    const client = await world.session(account);
    try {
      for (;;) {
        const reply = await submit(client, from, ['b@example.net'], message(from));
        if (reply.code === 250) accepted.push(reply.text.slice(-36));
        else others.push(reply.text);
        if (reply.code === 421) break;
      }
    } catch {
      // Closed before a reply; the 421 came before.
    }
  });
  await eventually(() => expect(accepted.length).toBeGreaterThan(100));
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  expect((await exited)[0]).toBe(0);
  await Promise.all(load);
  expect(others.filter((text) => !text.startsWith('421 '))).toEqual([]);
  await eventually(() => {
    const arrived = world.taken.map(({ id }) => id).sort();
    expect(arrived).toEqual([...accepted].sort());
  });
});

test.each([
  ['TLS_CERT_FILE', ''],
  ['TLS_KEY_FILE', '/nowhere'],
  ['SMTP_NAME', ''],
  ['SIZE_LIMIT', 'much'],
])('an invalid %s stops the start, and the error names it', async (setting, value) => {
  start({ [setting]: value });
  let payload = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    payload += chunk.toString();
  });
  const [code] = (await once(child, 'exit')) as [number];
  expect(code).toBe(78);
  expect(payload).toContain('"event":"config.invalid"');
  expect(payload).toContain(`"setting":"${setting}"`);
});
