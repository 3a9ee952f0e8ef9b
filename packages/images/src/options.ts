import { commandLine, Option, valid } from '@mysmtp/command-line';
import { serviceNames, type ServiceName } from '@mysmtp/contracts';

const builderNames = ['buildah', 'docker'] as const;
export type BuilderName = (typeof builderNames)[number];

/** The options of `npm run images`. */
export interface Options {
  /** The folder of the archives (`out`), or of the Containerfile's input alone (`context`). */
  readonly target: { readonly out: string } | { readonly context: string };
  readonly services: readonly ServiceName[];
  /** An image that has Node. Without it the base is assembled from Debian's packages. */
  readonly base?: string | undefined;
  readonly tag?: string | undefined;
  readonly builder?: BuilderName | undefined;
}

const isTag = (text: string): boolean => /^\w[\w.-]{0,127}$/.test(text);

/** Reads the command line. Throws a `UsageError`. */
export function parseOptions(argv: readonly string[]): Options {
  const command = commandLine('npm run images --')
    .option('--out <DIR>', 'write an archive for each service: DIR/mysmtp-SERVICE.tar')
    .addOption(
      new Option(
        '--context <DIR>',
        'instead, write only the input of the Containerfile, for any builder',
      ).conflicts('out'),
    )
    .addOption(new Option('--service <NAME...>', 'only these services').choices(serviceNames))
    .option(
      '--base <IMAGE>',
      'build upon this image, which has Node 24; without it nothing is pulled',
    )
    .option('--tag <TAG>', 'instead of the version in package.json', valid(isTag, 'a tag'))
    .addOption(new Option('--builder <NAME>', 'if both are here').choices(builderNames));
  const {
    out,
    context,
    service = serviceNames,
    ...others
  } = command.parse(argv, { from: 'user' }).opts();
  const services = [...new Set<ServiceName>(service)];
  if (context !== undefined) return { target: { context }, services, ...others };
  if (out !== undefined) return { target: { out }, services, ...others };
  return command.error('either --out DIR or --context DIR is required');
}
