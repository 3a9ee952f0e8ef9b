import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { serviceNames, type ServiceName } from '@mysmtp/contracts';
import { eventually, freshBroker, freshDatabase, type TestBroker } from '@mysmtp/test-kit';
import { exportJWK, generateKeyPair } from 'jose';

/** The neighbours of identity in a test: broker, databases, everybody's keys and a real privacy. */
export interface World {
  readonly broker: TestBroker;
  readonly mongodbUrl: string;
  readonly privacyUrl: string;
  readonly keyFile: (service: ServiceName) => string;
  readonly jwksFile: string;
  /** An own privacy may be stopped and started again at the same place. */
  readonly privacy: { stop(): Promise<void>; start(): Promise<void> };
  close(): Promise<void>;
}

const root = path.resolve(import.meta.dirname, '../../../..');

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

export async function openWorld(): Promise<World> {
  const dir = await mkdtemp(path.join(tmpdir(), 'mysmtp-identity-'));
  const keyFile = (service: ServiceName) => path.join(dir, `${service}.jwk`);
  const jwksFile = path.join(dir, 'services.jwks');
  const keys = [];
  for (const service of serviceNames) {
    const { privateKey, publicKey } = await generateKeyPair('EdDSA', { extractable: true });
    await writeFile(keyFile(service), JSON.stringify(await exportJWK(privateKey)));
    keys.push({ ...(await exportJWK(publicKey)), kid: service, alg: 'EdDSA' });
  }
  await writeFile(jwksFile, JSON.stringify({ keys }));

  const broker = await freshBroker();
  const own = await freshDatabase();
  const privacys = await freshDatabase();
  const [apiPort, operationsPort] = [await freePort(), await freePort()];
  const env = {
    PATH: process.env['PATH'],
    LOG_LEVEL: 'warn',
    BIND_ADDRESS: '127.0.0.1',
    API_PORT: String(apiPort),
    OPERATIONS_PORT: String(operationsPort),
    MONGODB_URL: privacys.url,
    RABBITMQ_URL: broker.url,
    SERVICE_KEY_FILE: keyFile('privacy'),
    SERVICE_JWKS_FILE: jwksFile,
    VAULT_DIR: path.join(dir, 'vault'),
    // Nobody is there: neither is asked for anything that these tests need.
    IDENTITY_URL: 'http://127.0.0.1:9',
    DELIVERY_URL: 'http://127.0.0.1:9',
  };
  let stop: () => Promise<void> = async () => undefined;

  async function start(): Promise<void> {
    const main = path.join(root, 'services/privacy/src/main.ts');
    const child = spawn(process.execPath, ['--conditions=mysmtp-source', main], {
      env,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const exited = once(child, 'exit');
    stop = async () => {
      child.kill('SIGKILL');
      await exited;
    };
    await eventually(async () => {
      const ready = await fetch(`http://127.0.0.1:${String(operationsPort)}/readyz`);
      if (!ready.ok) throw new Error(`privacy is not ready: ${await ready.text()}`);
    });
  }

  await start();
  return {
    broker,
    mongodbUrl: own.url,
    privacyUrl: `http://127.0.0.1:${String(apiPort)}`,
    keyFile,
    jwksFile,
    privacy: { stop: () => stop(), start },
    async close() {
      await stop();
      await Promise.all([broker.close(), own.close(), privacys.close()]);
      await rm(dir, { recursive: true });
    },
  };
}
