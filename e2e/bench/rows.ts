import path from 'node:path';
import { freePort } from '@mysmtp/test-kit';
import type { Folder } from './folder.ts';
import { installHaraka } from './haraka/install.ts';
import { startHaraka } from './haraka/instance.ts';
import { startMySmtp } from './mysmtp.ts';
import { installPostfix, startPostfix } from './postfix/instance.ts';
import type { Row, System } from './system.ts';

export const rowNames = ['postfix', 'haraka', 'customer', 'ours', 'real'] as const;
export type RowName = (typeof rowNames)[number];
export type Rows = Readonly<Partial<Record<RowName, Row>>>;

const titles: Readonly<Record<RowName, string>> = {
  postfix: 'Postfix, unsigned',
  haraka: 'Haraka, unsigned',
  customer: 'mySMTP, the customer signs',
  ours: 'mySMTP, we sign (RSA-2048)',
  real: 'mySMTP, the real thing: TLS, AUTH, we sign',
};

/** Starts the systems of these rows, whose names have `only` in them; they end with `running`. */
export async function startRows(
  wanted: readonly RowName[],
  dir: Folder,
  running: AsyncDisposableStack,
  options: {
    readonly only: string;
    readonly sessions: number;
    readonly cpuProfile: string | undefined;
    readonly say: (line: string) => void;
  },
): Promise<Rows> {
  const { only, sessions, cpuProfile, say } = options;
  const names = wanted.filter((name) => titles[name].includes(only));
  const rows: Partial<Record<RowName, Row>> = {};
  const { root, sinkPort } = dir;
  const add = (name: RowName, row: Omit<Row, 'name'>, more = ''): void => {
    if (names.includes(name)) rows[name] = { name: titles[name] + more, ...row };
  };
  const keep = <T extends System>(system: T): T => {
    running.defer(() => system.stop());
    say(`${system.product} runs`);
    return system;
  };

  // The load and the sink are Postfix's too.
  await installPostfix();
  const peer = { from: 'hello@demo.example.org' };
  if (names.includes('postfix')) {
    const place = { dir: path.join(root, 'postfix'), port: await freePort(), sinkPort, sessions };
    add('postfix', { system: keep(await startPostfix(place)), ...peer });
  }
  if (names.includes('haraka')) {
    const program = await installHaraka(say);
    const place = { dir: path.join(root, 'haraka'), port: await freePort(), sinkPort, sessions };
    add('haraka', { system: keep(await startHaraka(program, place)), ...peer });
  }
  if (names.some((name) => name === 'customer' || name === 'ours' || name === 'real')) {
    const system = keep(await startMySmtp(dir, { progress: say, cpuProfile }));
    const { senders, account, algorithms } = system;
    add('customer', { system, from: senders.customer });
    add('ours', { system, from: senders.ours });
    add('real', { system, from: senders.both, account }, `, ${algorithms.join(' and ')}`);
  }
  return rows;
}
