import { readFileSync } from 'node:fs';
import type { StackDescription } from '@mysmtp/local-stack';
import SMTPConnection from 'nodemailer/lib/smtp-connection';

/** The result of one message: the reply to its final dot, or that there was none. */
export interface Answer {
  /** 250, 4xx, 5xx; 0 if the connection ended without a reply. */
  readonly code: number;
  readonly text: string;
}

export interface Session {
  /** Submits one message unchanged. Never throws: every outcome is a result. */
  submit(from: string, to: readonly string[], message: Buffer | string): Promise<Answer>;
  quit(): void;
}

/** Opens an authenticated session on the STARTTLS listener, as a mail client does. */
export async function openSession(
  description: Pick<StackDescription, 'smtp' | 'credential'>,
  credential: { username: string; password: string } = description.credential,
): Promise<Session> {
  const connection = new SMTPConnection({
    host: description.smtp.host,
    port: description.smtp.starttlsPort,
    requireTLS: true,
    tls: { ca: readFileSync(description.smtp.caFile), servername: 'localhost' },
    connectionTimeout: 10_000,
    greetingTimeout: 10_000,
    socketTimeout: 120_000,
  });
  // Errors reach the caller through the callbacks; an error while idle is reported at the next use.
  connection.on('error', () => undefined);
  await new Promise<void>((resolve, reject) => {
    connection.once('error', reject);
    connection.once('end', () => reject(new Error('The server closed the connection')));
    connection.connect((error) => (error ? reject(error) : resolve()));
  });
  await new Promise<void>((resolve, reject) => {
    const { username, password } = credential;
    connection.login({ user: username, pass: password }, (error) => {
      if (error) reject(error);
      else resolve();
    });
  });
  return {
    submit: (from, to, message) =>
      new Promise((resolve) => {
        // A 421 between two messages answers no message, but it is the last reply to the client.
        const farewell = () => /^421 .*/.exec(connection.lastServerResponse || '')?.[0];
        const gone = () =>
          resolve(
            farewell() === undefined
              ? { code: 0, text: 'connection closed' }
              : { code: 421, text: farewell() ?? '' },
          );
        if (farewell() !== undefined) return gone();
        connection.once('end', gone);
        connection.send({ from, to: [...to] }, message, (error, info) => {
          connection.off('end', gone);
          if (error)
            resolve({ code: error.responseCode ?? 0, text: error.response ?? error.message });
          else resolve({ code: Number(info?.response.slice(0, 3)), text: info?.response ?? '' });
        });
      }),
    quit: () => connection.quit(),
  };
}
