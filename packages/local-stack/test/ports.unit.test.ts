import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { anyPorts, choosePorts } from '../src/ports.ts';
import { writePrivate } from '../src/secrets.ts';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'mysmtp-ports-'));
});
afterAll(() => rm(dir, { recursive: true }));

async function occupiedPort(): Promise<{ port: number; close: () => void }> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { port, close: () => void server.close() };
}

test('a port that is in use is replaced, and the replacement is kept', async () => {
  const file = path.join(dir, 'kept.json');
  const other = await occupiedPort();
  const preferredPorts = { first: other.port, second: 0 };
  const chosen = await choosePorts(file, preferredPorts);
  expect(chosen.first).not.toBe(other.port);
  expect(chosen.second).not.toBe(chosen.first);
  other.close();
  expect(await choosePorts(file, preferredPorts)).toEqual(chosen);
});

test('a port that another process has chosen is not chosen, even before that process listens', async () => {
  const chooser = spawn(
    process.execPath,
    [
      '--conditions=mysmtp-source',
      '--disable-warning=ExperimentalWarning',
      '--input-type=module',
      '--eval',
      `import { freePort } from ${JSON.stringify(path.join(import.meta.dirname, '..', 'src', 'ports.ts'))};
       console.log(await freePort());
       process.stdin.resume();`,
    ],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const [said] = (await once(chooser.stdout, 'data')) as [Buffer];
  const port = Number(said.toString());
  const preferredPort = { port };
  const whileItLives = await choosePorts(path.join(dir, 'other.json'), preferredPort);
  expect(whileItLives.port).not.toBe(port);
  chooser.kill();
  await once(chooser, 'exit');
  expect(await choosePorts(path.join(dir, 'free.json'), preferredPort)).toEqual(preferredPort);
});

test('two names never get the same port', async () => {
  const { port, close } = await occupiedPort();
  close();
  const chosen = await choosePorts(path.join(dir, 'twice.json'), { one: port, two: port });
  expect(chosen.one).toBe(port);
  expect(chosen.two).not.toBe(port);
});

test('a port to which fetch never connects is neither chosen nor kept from an earlier start', async () => {
  const refused = 10_080;
  await expect(fetch(`http://127.0.0.1:${String(refused)}`)).rejects.toMatchObject({
    cause: { message: 'bad port' },
  });
  const file = path.join(dir, 'refused.json');
  await writePrivate(file, { one: refused });
  const chosen = await choosePorts(file, { one: refused, two: refused });
  expect(Object.values(chosen)).not.toContain(refused);
});

test('without a preferred port any port is chosen', async () => {
  expect(anyPorts({ one: 2525 })).toEqual({ one: 0 });
});
