import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePorts, localCertificates } from '@mysmtp/local-stack';
import { afterAll, beforeAll } from 'vitest';
import type { Capabilities, Session, SessionOptions, TlsUse } from '../../src/index.ts';
import { open } from '../client.ts';
import { startAiosmtpd } from './aiosmtpd.ts';
import { startExim } from './exim.ts';
import { startOpenSmtpd } from './opensmtpd.ts';
import type { Limits, Peer, PeerOptions } from './peer.ts';
import { startPostfix } from './postfix.ts';

export const size = 1_000_000;
const usual: Limits = { size, recipients: 100, messages: 1_000, idle: 60 };
const strict: Limits = { size, recipients: 3, messages: 3, idle: 5 };

const kinds: Readonly<
  Record<string, readonly [(options: PeerOptions) => Promise<Peer>, Partial<Capabilities>]>
> = {
  Postfix: [
    startPostfix,
    { pipelining: true, chunking: true, smtpUtf8: true, dsn: true, enhancedStatusCodes: true },
  ],
  Exim: [startExim, { pipelining: true, chunking: true, smtpUtf8: true, dsn: false }],
  OpenSMTPD: [
    startOpenSmtpd,
    { pipelining: false, chunking: false, smtpUtf8: false, dsn: true, enhancedStatusCodes: true },
  ],
  aiosmtpd: [startAiosmtpd, { pipelining: false, chunking: false, smtpUtf8: true, dsn: false }],
};
export const names = Object.keys(kinds);

export const offersOf = (name: string): Partial<Capabilities> => kinds[name]?.[1] ?? {};

interface Running {
  readonly port: number;
  readonly peer: Peer;
}

let dir: string;
let ca: string;
const running = new Map<string, Running>();
const sessions: Session[] = [];

beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'mysmtp-peers-'));
  const certificates = await localCertificates(dir);
  ca = await readFile(certificates.caFile, 'utf8');
  const wanted = Object.entries(kinds).flatMap(([name, [start]]) => [
    { name, start, limits: usual },
    { name: `strict ${name}`, start, limits: strict },
  ]);
  const ports = await freePorts(wanted.map(({ name }) => name));
  // The first server of a kind downloads what both need.
  for (const kind of [0, 1]) {
    const started = wanted.filter((_, at) => at % 2 === kind);
    await Promise.all(
      started.map(async ({ name, start, limits }) => {
        const own = path.join(dir, name.replace(' ', '-'));
        await mkdir(own);
        const port = ports[name] ?? 0;
        const peer = await start({ dir: own, port, certificates, limits });
        running.set(name, { port, peer });
      }),
    );
  }
});

afterAll(async () => {
  for (const session of sessions) session.break();
  await Promise.all([...running.values()].map(({ peer }) => peer.stop()));
  await rm(dir, { recursive: true, force: true });
});

export const overTls = (): TlsUse => ({ use: 'always', serverName: 'localhost', options: { ca } });
/** Debian 12's OpenSMTPD cannot sign with its OpenSSL: every handshake fails. */
const tlsOf = (name: string): TlsUse =>
  name.includes('OpenSMTPD') ? { use: 'never', because: 'tls_failed' } : overTls();

export async function opened(
  name: string,
  options: Partial<SessionOptions> = {},
): Promise<Session> {
  const session = await open(running.get(name)?.port ?? 0, { tls: tlsOf(name), ...options });
  sessions.push(session);
  return session;
}

export const mailDirOf = (name: string): string => running.get(name)?.peer.mailDir ?? '';
