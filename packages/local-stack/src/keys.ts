import path from 'node:path';
import { commandLine, runProgram } from '@mysmtp/command-line';
import { certificateKeys, serviceKeys } from './stack/signing-keys.ts';
import { internalCertificates } from './stack/certificates.ts';

/** Lifetime of certificates of the internal APIs. Days. */
const lifetime = 730;

function parseOptions(argv: readonly string[]) {
  const command = commandLine('npm run keys --')
    .requiredOption('--out <DIR>', 'folder for the keys and certificates')
    .option('--fullname <NAME>', 'prefix of the names of the chart’s objects', 'mysmtp');
  return command.parse(argv, { from: 'user' }).opts();
}

type Options = ReturnType<typeof parseOptions>;

/**
 * Creates the keys and certificates of an installation that the cluster does not create. Existing ones are
 * kept.
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
