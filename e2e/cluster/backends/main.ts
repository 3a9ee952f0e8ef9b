import { once } from 'node:events';
import { rename, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import path from 'node:path';
import { localCertificates, startMx, startServers } from '@mysmtp/local-stack';
import type { BackendDescription } from './description.ts';
import { forward } from './forward.ts';

/**
 * RabbitMQ, MongoDB and an MX as processes of this machine, which pods reach at ADDRESS: the same servers as
 * in local use, so no images are needed. Runs until SIGTERM. Arguments: DIR ADDRESS. DIR/backends.json has
 * the ready ones.
 */
const [dir = '', address = ''] = process.argv.slice(2);
await using resources = new AsyncDisposableStack();
const stopping = new AbortController();
const stopped = once(stopping.signal, 'abort');
process.once('SIGTERM', () => stopping.abort());

const servers = await startServers({
  dir,
  progress: (line) => process.stdout.write(`${line}\n`),
  signal: stopping.signal,
});
resources.defer(() => servers.stop());
const { rabbitmq, mongodb } = servers;

/** A port of ADDRESS that forwards to a server which listens only on this machine's loopback. */
async function portFor(port: number): Promise<number> {
  return (await forward(address, () => connect(port, '127.0.0.1'))).port;
}

async function reachable(url: string): Promise<string> {
  const there = new URL(url);
  there.port = String(await portFor(Number(there.port)));
  there.hostname = address;
  // Otherwise the driver would connect to the address that the server announces.
  if (there.protocol === 'mongodb:') there.searchParams.set('directConnection', 'true');
  return there.href;
}

const mx = await startMx(dir, await localCertificates(dir));
resources.defer(() => mx.stop());
const description: BackendDescription = {
  pid: process.pid,
  mongodbUrl: await reachable(mongodb.plan.adminUrl),
  rabbitmqUrl: await reachable(rabbitmq.plan.adminUrl),
  managementUrl: await reachable(rabbitmq.plan.managementUrl ?? ''),
  mx: { host: address, port: await portFor(mx.smtpPort), maildir: mx.maildir },
};
const file = path.join(dir, 'backends.json');
await writeFile(`${file}.new`, JSON.stringify(description), { mode: 0o600 });
await rename(`${file}.new`, file);

await stopped;
await resources.disposeAsync();
process.exit(0);
