import path from 'node:path';
import { anyPorts, choosePorts } from '../ports.ts';
import { supervise } from '../processes/supervisor.ts';
import type { Certificates } from './certificates.ts';
import { preferredPorts } from './ports.ts';
import { maildirOf, mxProgram } from './programs.ts';

/** The local MX alone: accepts all mail and stores it in a Maildir. */
export interface Mx {
  readonly smtpPort: number;
  readonly maildir: string;
  stop(): Promise<void>;
}

/** Starts one on loopback, with its data in `dir`. */
export async function startMx(dir: string, certificates: Certificates): Promise<Mx> {
  const { mxSmtp, mxWeb } = preferredPorts;
  const ports = await choosePorts(path.join(dir, 'mx-ports.json'), anyPorts({ mxSmtp, mxWeb }));
  const program = mxProgram({ dir, ports, certificates }, 'Its mail is sent by the relay.');
  const mx = supervise(program, () => undefined);
  mx.start();
  await mx.ready();
  return { smtpPort: ports.mxSmtp, maildir: maildirOf(dir), stop: () => mx.stop() };
}
