import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { localCertificates } from '@mysmtp/local-stack';
import { eventually, freePort, nodeEnvironment } from '@mysmtp/test-kit';

export interface Mx extends AsyncDisposable {
  readonly smtpPort: number;
  readonly webUrl: string;
  readonly maildir: string;
  readonly caFile: string;
  kill(): Promise<{ readonly code: number | null; readonly milliseconds: number }>;
  /** Everything in `new`, in the order of arrival. */
  arrived(): Promise<{ readonly name: string; readonly content: Buffer }[]>;
}

/** The MX as a process of its own, with a temporary Maildir. */
export async function startMx(env: Readonly<Record<string, string>> = {}): Promise<Mx> {
  const dir = await mkdtemp(path.join(tmpdir(), 'mysmtp-mx-'));
  const certificates = await localCertificates(dir);
  const ports = { smtp: await freePort(), web: await freePort() };
  const maildir = path.join(dir, 'maildir');
  const webUrl = `http://127.0.0.1:${String(ports.web)}`;
  const main = path.join(import.meta.dirname, '..', 'src', 'main.ts');
  const child = spawn(process.execPath, ['--conditions=mysmtp-source', main], {
    stdio: 'inherit',
    env: {
      ...nodeEnvironment(),
      MX_SMTP_PORT: String(ports.smtp),
      MX_WEB_PORT: String(ports.web),
      MX_MAILDIR: maildir,
      TLS_CERT_FILE: certificates.certFile,
      TLS_KEY_FILE: certificates.keyFile,
      ...env,
    },
  });
  const exited = once(child, 'exit') as Promise<[number | null]>;
  const kill = async () => {
    const since = performance.now();
    child.kill('SIGTERM');
    const [code] = await exited;
    return { code, milliseconds: performance.now() - since };
  };
  await eventually(async () => {
    const response = await fetch(`${webUrl}/healthz`);
    if (!response.ok) throw new Error('not healthy yet');
  });
  return {
    smtpPort: ports.smtp,
    webUrl,
    maildir,
    caFile: certificates.caFile,
    kill,
    arrived: async () => {
      const folder = path.join(maildir, 'new');
      const names = (await readdir(folder)).sort();
      return Promise.all(
        names.map(async (name) => ({ name, content: await readFile(path.join(folder, name)) })),
      );
    },
    [Symbol.asyncDispose]: async () => {
      await kill();
      await rm(dir, { recursive: true });
    },
  };
}

export interface Talk extends Disposable {
  readonly socket: Socket;
  /** Sends octets and resolves with the next reply, all its lines. */
  say(octets: string | Buffer): Promise<string>;
  /** The next reply, without sending anything. */
  reply(): Promise<string>;
}

/** An SMTP client that sends exactly the given octets. */
export function talkOver(socket: Socket): Talk {
  let received = '';
  let wake = () => {};
  socket.on('data', (chunk: Buffer) => {
    received += chunk.toString('latin1');
    wake();
  });
  socket.on('error', () => undefined);
  socket.on('end', () => wake());
  socket.on('close', () => wake());
  const reply = async () => {
    for (;;) {
      const whole = /^(?:\d{3}-.*\r\n)*\d{3} .*\r\n/.exec(received)?.[0];
      if (whole !== undefined) {
        received = received.slice(whole.length);
        return whole;
      }
      if (socket.readableEnded || socket.destroyed) return 'closed';
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  return {
    socket,
    reply,
    say: (octets) => {
      socket.write(octets);
      return reply();
    },
    [Symbol.dispose]: () => socket.destroy(),
  };
}

export async function talkTo(port: number): Promise<Talk> {
  const talk = talkOver(connect(port, '127.0.0.1'));
  await talk.reply();
  await talk.say('EHLO client.example.org\r\n');
  return talk;
}

/** Sends one mail (dots already stuffed, with its final CRLF) and resolves with the last reply. */
export async function submitMail(
  port: number,
  content: string | Buffer,
  envelope?: { readonly from?: string; readonly to?: readonly string[] },
): Promise<string> {
  using talk = await talkTo(port);
  // Awaited here: the connection ends with this function.
  return await sendMail(talk, content, envelope);
}

/** One transaction of a session. */
export async function sendMail(
  talk: Talk,
  content: string | Buffer,
  {
    from = 'hello@example.org',
    to = ['someone@example.net'],
  }: { readonly from?: string; readonly to?: readonly string[] } = {},
): Promise<string> {
  await talk.say(`MAIL FROM:<${from}>\r\n`);
  for (const recipient of to) await talk.say(`RCPT TO:<${recipient}>\r\n`);
  await talk.say('DATA\r\n');
  talk.socket.write(content);
  return talk.say('.\r\n');
}
