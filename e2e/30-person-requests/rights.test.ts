import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { strFromU8, unzipSync } from 'fflate';
import { beforeAll, expect, test } from 'vitest';
import { commonStack } from '../kit/common-stack.ts';
import { importRow } from '../kit/import-row.ts';
import { installDebian } from '../kit/install.ts';
import { requestCode } from '../kit/request-code.ts';

const { description } = commonStack();

beforeAll(() => installDebian({ curl: 'command -v curl', jq: 'command -v jq' }));

const page = path.resolve(import.meta.dirname, '../../docs/rights.md');

/** All commands of the page, as one script. */
async function commands(): Promise<string> {
  const text = await readFile(page, 'utf8');
  const blocks = [...text.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block = '']) => block);
  expect(blocks.length).toBeGreaterThan(5);
  return blocks.join('\n');
}

test('every command of docs/rights.md works', async () => {
  const dir = await mkdtemp(path.join(tmpdir(), 'mysmtp-rights-'));
  try {
    const stack = path.join(dir, 'stack.json');
    await writeFile(stack, JSON.stringify(description()));
    const address = `rights-${randomUUID()}@example.net`;
    // The script makes its folder in this one.
    const env = { ...process.env, STACK: stack, ADDRESS: address, TMPDIR: dir };
    const { tenant, credential } = description();
    await importRow(description(), tenant.ownerToken, {
      sender: credential.from,
      recipient: address,
    });
    const shell = spawn('bash', ['--norc', '-euo', 'pipefail', '-c', await commands()], { env });
    let output = '';
    for (const stream of [shell.stdout, shell.stderr]) {
      stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
    }
    const ended = once(shell, 'close') as Promise<[number | null]>;
    const code = await Promise.race([
      ended.then(() => ''),
      // Commands of the page come before it.
      requestCode(description(), address, 60_000),
    ]);
    shell.stdin.end(`${code}\n`);
    const [exit] = await ended;
    expect(exit, output).toBe(0);
    expect(output).toContain('"request_status":');
    expect(output).toContain('"disclosedAs":"Example Ltd, privacy@example.com"');
    expect(output).toContain('"approvedBy":"token:');
    const made = await readdir(dir, { recursive: true });
    for (const [name, masked] of [
      ['public.zip', true],
      ['copy.zip', false],
    ] as const) {
      const file = made.find((one) => one.endsWith(`/${name}`)) ?? '';
      const { 'export.json': json } = unzipSync(
        new Uint8Array(await readFile(path.join(dir, file))),
      );
      expect(JSON.parse(strFromU8(json!)), name).toMatchObject({ address, masked });
    }
  } finally {
    await rm(dir, { recursive: true });
  }
});
