import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import { openMaildir } from './maildir.ts';
import { readMxSettings, type MxSettings } from './settings.ts';
import { startSmtp, type Listener } from './smtp.ts';
import { startWeb } from './web/server.ts';

/** Maximum time to stop. */
const stopDeadline = 900;
const exitConfig = 78; // EX_CONFIG of sysexits.h

function refuse(reason: string): never {
  process.stderr.write(`mx: ${reason}\n`);
  process.exit(exitConfig);
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

function settingsOrEnd(): MxSettings {
  try {
    return readMxSettings(process.env);
  } catch (error) {
    return refuse(messageOf(error));
  }
}

const settings = settingsOrEnd();
const cert = await readFile(settings.certFile).catch((error: unknown) =>
  refuse(`TLS_CERT_FILE: ${messageOf(error)}`),
);
const key = await readFile(settings.keyFile).catch((error: unknown) =>
  refuse(`TLS_KEY_FILE: ${messageOf(error)}`),
);
try {
  createSecureContext({ cert, key });
} catch (error) {
  refuse(`TLS_CERT_FILE and TLS_KEY_FILE are no certificate with its key: ${messageOf(error)}`);
}

const { bindAddress: address } = settings;
const maildir = await openMaildir(settings.maildir);
let smtp: Listener | undefined;
const web = await startWeb({
  address,
  port: settings.webPort,
  maildir,
  smtp: `${address}:${String(settings.smtpPort)}`,
  hint: settings.hint,
  isHealthy: () => smtp !== undefined,
});
smtp = await startSmtp({
  address,
  port: settings.smtpPort,
  maildir,
  cert,
  key,
});
const listener = smtp;
process.stdout.write(
  `mx: SMTP on ${address}:${String(settings.smtpPort)}, web page http://${address}:${String(settings.webPort)}/\n`,
);

async function stop(): Promise<void> {
  setTimeout(() => process.exit(0), stopDeadline).unref();
  await Promise.all([listener.close(), web.close()]);
  process.exit(0);
}

process.once('SIGTERM', () => void stop());
process.once('SIGINT', () => void stop());
