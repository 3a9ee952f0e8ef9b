import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { serviceNames, type Fence, type ServiceName } from '@mysmtp/contracts';
import {
  eventually,
  freePort,
  freshBroker,
  freshDatabase,
  makeServiceKeys,
  nodeEnvironment,
  programOf,
  type ServiceKeys,
  type TestBroker,
} from '@mysmtp/test-kit';
import { exportJWK, generateKeyPair } from 'jose';
import { openIngress, type Ingress } from './ingress.ts';
import { openPrivacyFront } from './privacy-front.ts';

/** The environment of identity in a test: broker, databases, the keys of all services and a real privacy. */
export interface World extends AsyncDisposable {
  readonly broker: TestBroker;
  readonly mongodbUrl: string;
  readonly privacyUrl: string;
  /** Privacy's answer about the current fences. */
  readonly fences: Fence[];
  readonly keyFile: (service: ServiceName) => string;
  readonly jwksFile: string;
  readonly serviceKeys: ServiceKeys;
  readonly ingress: Ingress;
  /** May be killed, and started again at the same address. */
  readonly privacy: { start(): Promise<void>; stop(): Promise<void> };
}

const root = path.resolve(import.meta.dirname, '../../../..');

export async function openWorld(): Promise<World> {
  await using opened = new AsyncDisposableStack();
  const dir = await mkdtemp(path.join(tmpdir(), 'mysmtp-identity-'));
  opened.defer(() => rm(dir, { recursive: true }));
  const serviceKeys = await makeServiceKeys(dir);
  const { keyFile, jwksFile } = serviceKeys;

  const { privateKey } = await generateKeyPair('EdDSA', { extractable: true });
  const certificateKeys = path.join(dir, 'certificate.jwks');
  const signing = { keys: [{ ...(await exportJWK(privateKey)), kid: 'c1' }] };
  await writeFile(certificateKeys, JSON.stringify(signing));

  const broker = opened.adopt(await freshBroker(), (fresh) => fresh.close());
  const own = opened.adopt(await freshDatabase(), (fresh) => fresh.close());
  const privacys = opened.adopt(await freshDatabase(), (fresh) => fresh.close());
  const internalPort = await freePort();
  const operationsPort = await freePort();
  const privacy = realPrivacy(operationsPort, {
    BIND_ADDRESS: '127.0.0.1',
    CHECK_REPLIES: 'true',
    API_PORT: String(await freePort()),
    INTERNAL_PORT: String(internalPort),
    OPERATIONS_PORT: String(operationsPort),
    MONGODB_URL: privacys.url,
    RABBITMQ_URL: broker.url,
    SERVICE_KEY_FILE: keyFile('privacy'),
    SERVICE_JWKS_FILE: jwksFile,
    VAULT_DIR: path.join(dir, 'vault'),
    CERTIFICATE_KEYS_FILE: certificateKeys,
    OPERATOR_FILE: path.join(root, 'docs/operator.example.json'),
    // No erasure completes here, so the verifier needs no databases.
    ...Object.fromEntries(
      serviceNames.map((name) => [`VERIFIER_${name.toUpperCase()}_URL`, privacys.url]),
    ),
    // No server runs there. These tests need no calls to either.
    IDENTITY_URL: 'http://127.0.0.1:9',
    DELIVERY_URL: 'http://127.0.0.1:9',
    INGRESS_URL: 'http://127.0.0.1:9',
  });
  opened.defer(privacy.stop);
  await privacy.start();
  const front = opened.use(await openPrivacyFront(internalPort));
  const ingress = opened.use(await openIngress(jwksFile));

  const resources = opened.move();
  return {
    broker,
    mongodbUrl: own.url,
    privacyUrl: front.url,
    fences: front.fences,
    ingress,
    serviceKeys,
    keyFile,
    jwksFile,
    privacy: {
      async start() {
        await privacy.start();
        front.isOpen = true;
      },
      async stop() {
        front.isOpen = false;
        await privacy.stop();
      },
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

/** Privacy as a process of its own, which ends with this one. */
function realPrivacy(operationsPort: number, env: Record<string, string>): World['privacy'] {
  let child: ChildProcess | undefined;
  process.on('exit', () => child?.kill('SIGKILL'));

  return {
    async start() {
      const started = spawn(process.execPath, programOf('privacy'), {
        env: { ...env, ...nodeEnvironment() },
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      child = started;
      let log = '';
      started.stdout.on('data', (chunk: Buffer) => (log += chunk.toString()));
      await eventually(
        async () => {
          if (started.exitCode !== null) throw new Error(`Privacy ended: ${log}`);
          const ready = await fetch(`http://127.0.0.1:${String(operationsPort)}/readyz`);
          if (!ready.ok) throw new Error(`Privacy is not ready: ${await ready.text()} ${log}`);
        },
        { timeout: 50_000 },
      );
    },
    async stop() {
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    },
  };
}
