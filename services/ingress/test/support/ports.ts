import { freePort } from '@mysmtp/test-kit';

/** Different ports without a listener at this moment. */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) ports.add(await freePort());
  return [...ports];
}
