import { findCommand, installPackages } from '@mysmtp/tooling';

type Progress = (line: string) => void;

/** Debian's Prometheus, installed if it is missing; it is not started. */
export const bringPrometheus = (
  progress: Progress,
): Promise<Record<'prometheus' | 'promtool', string>> =>
  bring('prometheus', ['prometheus', 'promtool'], progress);

/** Debian's checker of Alertmanager's configuration, in the same way. */
export const bringAmtool = (progress: Progress): Promise<Record<'amtool', string>> =>
  bring('prometheus-alertmanager', ['amtool'], progress);

/** The paths of a package's commands. */
async function bring<Command extends string>(
  name: string,
  commands: readonly Command[],
  progress: Progress,
): Promise<Record<Command, string>> {
  const found = await find(commands);
  if (found !== undefined) return found;
  const isThere = async (): Promise<boolean> => (await find(commands)) !== undefined;
  const refusal = await installPackages([name], isThere, progress);
  const installed = await find(commands);
  if (installed === undefined) {
    throw new Error(`No ${name}: ${refusal?.reason ?? 'the package lacks a command'}`);
  }
  return installed;
}

async function find<Command extends string>(
  commands: readonly Command[],
): Promise<Record<Command, string> | undefined> {
  const found: [Command, string][] = [];
  for (const command of commands) {
    const file = await findCommand(command, ['/usr/bin']);
    if (file === undefined) return undefined;
    found.push([command, file]);
  }
  return Object.fromEntries(found) as Record<Command, string>;
}
