import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { eventually } from '@mysmtp/test-kit';
import { startOpenIdProvider } from '@mysmtp/test-kit/open-id-provider';
import { beforeAll, expect, test } from 'vitest';
import { commonStack } from '../kit/common-stack.ts';
import { installDebian } from '../kit/install.ts';
import { readMaildir } from '../kit/maildir.ts';

const { description } = commonStack();

beforeAll(() =>
  installDebian({
    curl: 'command -v curl',
    jq: 'command -v jq',
    oathtool: 'command -v oathtool',
    swaks: 'command -v swaks',
    'libnet-ssleay-perl': 'perl -MNet::SSLeay -e 1',
  }),
);

const page = path.resolve(import.meta.dirname, '../../docs/accounts.md');

/** All commands of the page, as one script. */
async function commands(): Promise<string> {
  const text = await readFile(page, 'utf8');
  const blocks = [...text.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block = '']) => block);
  expect(blocks.length).toBeGreaterThan(5);
  return blocks.join('\n');
}

/** Commands of the page come before what is waited for. */
const patiently = <T>(attempt: () => T | Promise<T>) => eventually(attempt, { timeout: 60_000 });

const mailTo = (address: string) =>
  patiently(async () => {
    const mail = (await readMaildir(description().mx.maildir)).filter(({ deliveredTo }) =>
      deliveredTo.includes(address),
    );
    expect(mail.length).toBeGreaterThan(0);
    return mail.map(({ body }) => body);
  });

test('every command of docs/accounts.md works, from sign-up to a first mail', async () => {
  const dir = await mkdtemp(path.join(tmpdir(), 'mysmtp-accounts-'));
  await using opened = new AsyncDisposableStack();
  // CONSOLE_URL of the local stack.
  const provider = opened.use(await startOpenIdProvider('http://localhost/sign-in/provider'));
  try {
    const stack = path.join(dir, 'stack.json');
    await writeFile(stack, JSON.stringify(description()));
    const serial = randomUUID();
    const address = `jane-${serial}@example.net`;
    const to = `reader-${serial}@example.net`;
    const domain = `${serial}.example.org`;
    const env = {
      ...process.env,
      STACK: stack,
      ADDRESS: address,
      DOMAIN: domain,
      TO: to,
      ISSUER: provider.issuer,
      CLIENT: provider.clientId,
      CLIENT_SECRET: provider.clientSecret,
    };
    const shell = spawn('bash', ['--norc', '-euo', 'pipefail', '-c', await commands()], { env });
    let output = '';
    opened.defer(() => void shell.kill());
    for (const stream of [shell.stdout, shell.stderr]) {
      stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
    }
    const [mail] = await mailTo(address);
    // A notice is in base64.
    const text = Buffer.from(String(mail), 'base64').toString();
    const secret = /#([\w-]{43})/.exec(text)?.[1];
    expect(secret, text).toBeDefined();
    const closed = once(shell, 'close') as Promise<[number | null]>;
    shell.stdin.write(`${String(secret)}\n`);
    const url = await patiently(() => {
      expect(shell.exitCode, output).toBeNull();
      const [found] = /^http:\S+client_id=\S+$/m.exec(output) ?? [];
      if (found === undefined) throw new Error(output);
      return found;
    });
    const atProvider = { subject: serial, email: `mary@${domain}` };
    shell.stdin.end(`${await provider.visit(url, atProvider)}\n`);
    const [code] = await closed;
    expect(code, output).toBe(0);
    // The answer to the last command: a session, and no request for a factor, because the person is new.
    expect(output).toMatch(/\{"token":"mysmtp_session_[^{}]*\}\s*$/);
    expect(output).toContain('"role":"owner"');
    expect(output).toContain('"role":"developer"');
    expect(output).toMatch(/<~~? +250 /);
    await mailTo(to);
    await mailTo('john@example.net');
  } finally {
    await rm(dir, { recursive: true });
  }
});
