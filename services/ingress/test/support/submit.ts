import type { RawClient } from './client.ts';

/** A valid message. */
export function message(from: string, extra: readonly string[] = [], body = 'Hello\r\n'): string {
  return [`From: <${from}>`, 'Subject: Test', ...extra, '', body].join('\r\n');
}

/** Submits a message on an open session. Returns the reply to its final dot, or the first refusal. */
export async function submit(
  client: RawClient,
  from: string,
  to: readonly string[],
  content: string | Buffer,
): Promise<{ code: number; text: string }> {
  for (const line of [`MAIL FROM:<${from}>`, ...to.map((address) => `RCPT TO:<${address}>`)]) {
    const reply = await client.say(line);
    if (reply.code !== 250) return reply;
  }
  const go = await client.say('DATA');
  if (go.code !== 354) return go;
  client.write(content);
  return client.say('.');
}
