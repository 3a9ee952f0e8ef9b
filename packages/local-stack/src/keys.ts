import path from 'node:path';
import { commandLine, runProgram } from '@mysmtp/command-line';
import { certificateKeys } from './stack/certificate-keys.ts';
import { internalCertificates } from './stack/certificates.ts';
import { serviceKeys } from './stack/service-keys.ts';

/** How long certificates of the internal APIs last. Days. */
const lifetime = 730;

function parseOptions(argv: readonly string[]) {
  const command = commandLine('npm run keys --')
    .requiredOption('--out <DIR>', 'where the keys and certificates go')
    .option('--fullname <NAME>', 'what the names of the chart’s objects begin with', 'mysmtp');
  return command.parse(argv, { from: 'user' }).opts();
}

type Options = ReturnType<typeof parseOptions>;

/**
 * Makes the keys and certificates of an installation that are not the cluster's to make. What is there
 * stays as it is.
 */
async function main({ out, fullname }: Options): Promise<number> {
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

process.exitCode = await runProgram(parseOptions, main);
