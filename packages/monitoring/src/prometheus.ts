import { findCommand, installPackages } from '@mysmtp/local-stack';

/** Debian's Prometheus, installed where it is missing; nothing of it is started. */
export async function bringPrometheus(
  progress: (line: string) => void,
): Promise<{ readonly prometheus: string; readonly promtool: string }> {
  const found = await find();
  if (found !== undefined) return found;
  const isThere = async (): Promise<boolean> => (await find()) !== undefined;
  const refusal = await installPackages(['prometheus'], isThere, progress);
  const installed = await find();
  if (installed === undefined) {
    throw new Error(`No Prometheus: ${refusal?.reason ?? 'the package has none'}`);
  }
  return installed;
}

async function find(): Promise<{ prometheus: string; promtool: string } | undefined> {
  const prometheus = await findCommand('prometheus', ['/usr/bin']);
  const promtool = await findCommand('promtool', ['/usr/bin']);
  if (prometheus === undefined || promtool === undefined) return undefined;
  return { prometheus, promtool };
}
