import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { pythonWith } from '@mysmtp/tooling';
import { startDaemon } from './daemon.ts';
import type { Peer, PeerOptions } from './peer.ts';

export async function startAiosmtpd(options: PeerOptions): Promise<Peer> {
  const { dir, port, certificates, limits } = options;
  const progress = (line: string): void => void process.stderr.write(`${line}\n`);
  const python = await pythonWith(
    {
      folder: 'aiosmtpd',
      product: 'aiosmtpd',
      requirementsFile: path.join(import.meta.dirname, 'aiosmtpd-requirements.txt'),
    },
    {
      progress,
      step: (text, work) => {
        progress(text);
        return work();
      },
      signal: new AbortController().signal,
    },
  );
  if ('reason' in python) throw new Error(`No aiosmtpd: ${python.reason}`);
  const mail = path.join(dir, 'mail');
  const mailDir = path.join(mail, 'new');
  await mkdir(mailDir, { recursive: true });
  await mkdir(path.join(mail, 'tmp'));
  const settings = {
    ...limits,
    port,
    mail,
    certificate: certificates.certFile,
    key: certificates.keyFile,
  };
  const server = path.join(import.meta.dirname, 'aiosmtpd-server.py');
  const daemon = await startDaemon(port, python.command, '-I', server, JSON.stringify(settings));
  return { mailDir, stop: () => daemon.stop() };
}
