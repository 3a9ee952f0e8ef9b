import path from 'node:path';
import { parseArgs } from 'node:util';
import { certificateKeys } from './stack/certificate-keys.ts';
import { serviceKeys } from './stack/service-keys.ts';

const usage = 'Usage: npm run keys -- --out DIR\n';
const usageExit = 2;

/** Makes the keys of an installation that are not the cluster's to make. What is there stays as it is. */
async function main(args: readonly string[]): Promise<number> {
  let out;
  try {
    ({ out } = parseArgs({ args: [...args], options: { out: { type: 'string' } } }).values);
  } catch {
    out = undefined;
  }
  if (out === undefined) {
    process.stderr.write(usage);
    return usageExit;
  }
  const dir = path.resolve(out);
  const services = path.join(dir, 'services');
  const certificates = path.join(dir, 'certificates');
  await serviceKeys(services);
  await certificateKeys(certificates);
  process.stdout.write(
    [
      'For a cluster:',
      `  kubectl --namespace mysmtp create secret generic mysmtp-service-keys --from-file=${services}`,
      `  kubectl --namespace mysmtp create secret generic mysmtp-certificate-keys --from-file=${certificates}`,
      'Then keep them where you keep secrets, and delete the folder.',
      '',
    ].join('\n'),
  );
  return 0;
}

process.exitCode = await main(process.argv.slice(2));
