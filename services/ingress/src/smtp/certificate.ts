import { X509Certificate } from 'node:crypto';
import { watch, type FSWatcher } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { createSecureContext } from 'node:tls';
import type { Logger } from '@mysmtp/log';
import { ConfigError } from '@mysmtp/service';
import { Gauge, type Registry } from 'prom-client';

export interface KeyPair {
  readonly cert: Buffer;
  readonly key: Buffer;
}

export interface Certificate {
  current(): KeyPair;
  /** Told of each new pair. */
  onChange(listener: (pair: KeyPair) => void): void;
  close(): void;
}

/** Files are replaced one after the other; they are read when both have had time to arrive. */
const settleTime = 300;

/**
 * The server's certificate, read at start (a bad one stops the service) and again whenever its files
 * change or SIGHUP comes (a bad one then is reported, and the old one stays).
 */
export async function openCertificate(options: {
  readonly certFile: string;
  readonly keyFile: string;
  readonly log: Logger;
  readonly metrics: Registry;
}): Promise<Certificate> {
  const { certFile, keyFile, log } = options;
  const listeners: ((pair: KeyPair) => void)[] = [];
  const expiry = new Gauge({
    name: 'mysmtp_certificate_expiry_timestamp_seconds',
    help: 'When the certificate of the SMTP listeners ends, in seconds since the epoch.',
    registers: [options.metrics],
  });

  let pair = await readKeyPair(certFile, keyFile);
  report();

  function report(): void {
    const { validToDate } = new X509Certificate(pair.cert);
    expiry.set(validToDate.getTime() / 1_000);
    if (validToDate.getTime() < Date.now()) log.warn('certificate.expired');
  }

  async function reload(): Promise<void> {
    try {
      const read = await readKeyPair(certFile, keyFile);
      if (read.cert.equals(pair.cert) && read.key.equals(pair.key)) return;
      pair = read;
      report();
      for (const listener of listeners) listener(pair);
      log.info('certificate.reloaded');
    } catch (error) {
      const reason = error instanceof ConfigError ? error.message : undefined;
      log.error('certificate.not_reloaded', { error, reason });
    }
  }

  let timer: NodeJS.Timeout | undefined;
  const soon = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => void reload(), settleTime);
  };
  const onHangUp = (): void => void reload();
  process.on('SIGHUP', onHangUp);
  const watchers = watchFolders([certFile, keyFile], soon, log);

  return {
    current: () => pair,
    onChange: (listener) => void listeners.push(listener),
    close() {
      clearTimeout(timer);
      process.off('SIGHUP', onHangUp);
      for (const watcher of watchers) watcher.close();
    },
  };
}

async function readKeyPair(certFile: string, keyFile: string): Promise<KeyPair> {
  const cert = await read('TLS_CERT_FILE', certFile);
  const key = await read('TLS_KEY_FILE', keyFile);
  check('TLS_CERT_FILE', 'is not a PEM certificate', () => new X509Certificate(cert));
  check('TLS_KEY_FILE', 'is not the private key of TLS_CERT_FILE', () =>
    createSecureContext({ cert, key }),
  );
  return { cert, key };
}

async function read(setting: string, file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch {
    throw new ConfigError([{ setting, reason: 'cannot be read' }]);
  }
}

function check(setting: string, reason: string, attempt: () => unknown): void {
  try {
    attempt();
  } catch {
    throw new ConfigError([{ setting, reason }]);
  }
}

/** Folders, not files: a mounted Secret changes by a link beside the file. */
function watchFolders(files: readonly string[], onChange: () => void, log: Logger): FSWatcher[] {
  const watchers: FSWatcher[] = [];
  for (const folder of new Set(files.map((file) => path.dirname(file)))) {
    try {
      const watcher = watch(folder, { persistent: false }, onChange);
      watcher.on('error', (error) => log.warn('certificate.not_watched', { error }));
      watchers.push(watcher);
    } catch (error) {
      // Without inotify SIGHUP is left.
      log.warn('certificate.not_watched', { error });
    }
  }
  return watchers;
}
