import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { StackDescription } from '@mysmtp/local-stack';
import { eventually } from '@mysmtp/test-kit';
import { expect } from 'vitest';
import { openSession, type Answer, type Session } from './client.ts';

/** One submitted test message, and the reply to it. */
export interface Sent {
  readonly id: string;
  readonly recipients: readonly string[];
  readonly bodyHash: string;
  readonly answer: Answer;
  readonly at: number;
}

export interface Load {
  readonly sent: readonly Sent[];
  /** Waits until this many more messages are accepted, so that the relay has mail in flight. */
  accepts(count: number): Promise<void>;
  /** Lets every session finish its current message, then returns all sent messages. */
  stop(): Promise<readonly Sent[]>;
}

export interface LoadOptions {
  readonly sessions?: number;
  /** Approximate octets of the body. */
  readonly size?: number;
  /** Milliseconds between two messages of one session. */
  readonly pause?: number;
  /** Milliseconds after which a session that was refused is opened again. */
  readonly again?: number;
  readonly recipients?: () => readonly string[];
  /** The sender; by default the demo tenant. */
  readonly as?: { readonly username: string; readonly password: string; readonly from: string };
}

/** Sends over several sessions at once until stopped; a refused or broken session is opened again. */
export function startLoad(
  description: Pick<StackDescription, 'smtp' | 'credential'>,
  options: LoadOptions = {},
): Load {
  const {
    sessions = 8,
    size = 4_000,
    pause = 5,
    again = 100,
    as = description.credential,
  } = options;
  const recipients = options.recipients ?? (() => [`someone-${randomUUID()}@example.net`]);
  const sent: Sent[] = [];
  const stopping = new AbortController();

  async function run(): Promise<void> {
    let session: Session | undefined;
    while (!stopping.signal.aborted) {
      try {
        session ??= await openSession(description, as);
      } catch {
        // The listener is down or answered 421, as some scenarios intend.
        await sleep(again, undefined, { signal: stopping.signal }).catch(() => undefined);
        continue;
      }
      const to = recipients();
      const { id, message, bodyHash } = testMessage(as.from, to, size);
      const answer = await session.submit(as.from, to, message);
      sent.push({ id, recipients: to, bodyHash, answer, at: Date.now() });
      if (answer.code === 0 || answer.code === 421) session = undefined;
      await sleep(pause);
    }
    session?.quit();
  }

  const all = Promise.all(Array.from({ length: sessions }, run));
  return {
    sent,
    async accepts(count) {
      const from = sent.length;
      const accepted = () => sent.slice(from).filter(({ answer }) => answer.code === 250);
      await eventually(() => expect(accepted().length).toBeGreaterThanOrEqual(count), {
        timeout: 60_000,
      });
    },
    async stop() {
      stopping.abort();
      await all;
      return sent;
    },
  };
}

/** A message with its own id and a random body whose hash is stored. */
export function testMessage(
  from: string,
  to: readonly string[],
  size: number,
): { id: string; message: string; bodyHash: string } {
  const id = randomUUID();
  const text = randomBytes(Math.ceil((size * 3) / 4)).toString('base64');
  // Lines that begin with a dot verify that dot-stuffing is undone exactly once.
  const body = `.${id}\r\n..\r\n${text.replaceAll(/.{76}/g, '$&\r\n')}\r\n`;
  const head = [
    `From: <${from}>`,
    `To: ${to.map((address) => `<${address}>`).join(', ')}`,
    `Subject: test ${id}`,
    `X-Test-Id: ${id}`,
  ].join('\r\n');
  return { id, message: `${head}\r\n\r\n${body}`, bodyHash: hashOf(body) };
}

export function hashOf(text: string | Buffer): string {
  return createHash('sha256').update(text).digest('hex');
}
