import { cpus, release, totalmem } from 'node:os';
import { run } from '../kit/run.ts';

/** What the figures depend on, as short texts. */
export async function describeMachine(folder: string): Promise<string[]> {
  const all = cpus();
  const [model = 'unknown CPU'] = all.map((cpu) => cpu.model.trim());
  const disk = await run('findmnt', ['-n', '-o', 'FSTYPE,SOURCE', '--target', folder]);
  return [
    `${String(all.length)} cores of ${model}`,
    `${(totalmem() / 1024 ** 3).toFixed(0)} GiB of memory`,
    disk.code === 0 ? disk.output.trim().replaceAll(/\s+/g, ' on ') : 'unknown file system',
    `Linux ${release()}`,
    `Node ${process.versions.node}`,
  ];
}
