import { once } from 'node:events';
import { createSocket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import { connect } from 'node:net';
import { Worker } from 'node:worker_threads';
import {
  startScriptedServer,
  type Script,
  type ScriptedServer,
  type ServerOptions,
} from '@mysmtp/test-kit/scripted-server';
import { createDial, NotConnected, type Connection, type DialDeps } from '../../src/dial/dial.ts';
import { siteOf, type MailHost, type Site } from '../../src/routing/site.ts';
import { startDnsServer, type Zone } from '@mysmtp/test-kit';

/** Long enough for a busy machine. Only tests of silent servers wait for one of these. */
const patient = {
  ehloName: 'relay.example.net',
  privateMx: true,
  connectTimeout: 20_000,
  greetingTimeout: 20_000,
  commandTimeout: 20_000,
  finalReplyTimeout: 20_000,
  transactionTimeout: 20_000,
};

/** Hosts on the loopback network, all on one port, and the DNS that names them. */
export function openScene() {
  const cleanup = new AsyncDisposableStack();
  let port = 0;

  async function serverAt(
    host: string,
    script: Script = () => undefined,
    options: ServerOptions = {},
  ): Promise<ScriptedServer> {
    const server = await startScriptedServer(script, { host, port, ...options });
    cleanup.defer(server.close);
    port = server.port;
    return server;
  }

  /** Accepts no connections: after two the system does not answer any more. Must be the first host. */
  async function deafAt(host: string): Promise<void> {
    const worker = new Worker(deafServer, { eval: true, workerData: host });
    cleanup.defer(async () => void (await worker.terminate()));
    [port] = (await once(worker, 'message')) as [number];
    const fill = await Promise.all([connected(host, port), connected(host, port)]);
    cleanup.defer(() => {
      for (const socket of fill) socket.destroy();
    });
  }

  async function dialWith(zone: Zone, settings: Partial<DialDeps> = {}) {
    const server = await startDnsServer(zone);
    cleanup.defer(server.close);
    const dns = new Resolver();
    dns.setServers([server.address]);
    const dial = createDial({ ...patient, dns, ...settings });
    return {
      asked: server.asked,
      async dial(site: Site, signal = new AbortController().signal): Promise<Connection> {
        const connection = await dial(site, signal);
        cleanup.defer(() => connection.session.break());
        return connection;
      },
    };
  }

  return {
    cleanup,
    serverAt,
    deafAt,
    dialWith,
    /** Hosts as `PREFERENCE NAME`, or one name. */
    site: (...hosts: string[]) => siteOf(hosts.map(mailHost), port),
    smarthost: (host: string): Site => ({
      key: host,
      hosts: [{ exchange: host, priority: 0 }],
      port,
      smarthost: true,
    }),
    /** A name server that does not answer. */
    async silentDns(): Promise<Resolver> {
      const socket = createSocket('udp4').bind(0, '127.0.0.1');
      cleanup.defer(() => void socket.close());
      await once(socket, 'listening');
      const dns = new Resolver();
      dns.setServers([`127.0.0.1:${String(socket.address().port)}`]);
      return dns;
    },
  };
}
export type Scene = ReturnType<typeof openScene>;

/** Why there is no connection. */
export async function failureOf(dialling: Promise<Connection>) {
  const error: unknown = await dialling.then(
    () => 'connected',
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof NotConnected))
    throw new Error('Not a failure of a dial', { cause: error });
  return error.failure;
}

function mailHost(text: string): MailHost {
  const [priority = '0', exchange = text] = text.includes(' ') ? text.split(' ') : ['0', text];
  return { exchange, priority: Number(priority) };
}

async function connected(host: string, port: number) {
  const socket = connect(port, host).on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

const deafServer = `
  const { createServer } = require('node:net');
  const { parentPort, workerData } = require('node:worker_threads');
  const server = createServer().listen({ host: workerData, port: 0, backlog: 1 }, () => {
    parentPort.postMessage(server.address().port);
    setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0));
  });
`;
