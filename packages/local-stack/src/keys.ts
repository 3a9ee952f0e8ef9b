import path from 'node:path';
import { parseArgs } from 'node:util';
import { certificateKeys } from './stack/certificate-keys.ts';
import { internalCertificates } from './stack/certificates.ts';
import { serviceKeys } from './stack/service-keys.ts';

const usage = 'Usage: npm run keys -- --out DIR [--fullname NAME]\n';
const usageExit = 2;

/** How long certificates of the internal APIs last. Days. */
const lifetime = 730;

/**
 * Makes the keys and certificates of an installation that are not the cluster's to make. What is there
 * stays as it is. NAME is what the names of the chart's objects begin with, `mysmtp` unless said.
 */
async function main(args: readonly string[]): Promise<number> {
  const { out, fullname = 'mysmtp' } = optionsOf(args);
  if (out === undefined) {
    process.stderr.write(usage);
    return usageExit;
  }
  const dir = path.resolve(out);
  const services = path.join(dir, 'services');
  const certificates = path.join(dir, 'certificates');
  const internalTls = path.join(dir, 'internal-tls');
  await serviceKeys(services);
  await certificateKeys(certificates);
  await internalCertificates(internalTls, (name) => `${fullname}-${name}`, lifetime);
  process.stdout.write(
    [
      'For a cluster:',
      `  kubectl --namespace mysmtp create secret generic mysmtp-service-keys --from-file=${services}`,
      `  kubectl --namespace mysmtp create secret generic mysmtp-certificate-keys --from-file=${certificates}`,
      `  kubectl --namespace mysmtp create secret generic mysmtp-internal-tls --from-file=${internalTls}`,
      'Then keep them where you keep secrets, and delete the folder.',
      '',
    ].join('\n'),
  );
  return 0;
}

/** Without `out` where they are wrong. */
function optionsOf(args: readonly string[]): { out?: string; fullname?: string } {
  try {
    return parseArgs({
      args: [...args],
      options: { out: { type: 'string' }, fullname: { type: 'string' } },
    }).values;
  } catch {
    return {};
  }
}

process.exitCode = await main(process.argv.slice(2));
