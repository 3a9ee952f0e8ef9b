import { parseArgs } from 'node:util';
import { serviceNames, type ServiceName } from '@mysmtp/contracts';

const builderNames = ['buildah', 'docker'] as const;
export type BuilderName = (typeof builderNames)[number];

/** What `npm run images` can be told. */
export interface Options {
  /** Where the archives go (`out`), or what the Containerfile copies and nothing more (`context`). */
  readonly target: { readonly out: string } | { readonly context: string };
  readonly services: readonly ServiceName[];
  /** An image that has Node; what Node needs is laid together from Debian's packages where it is not given. */
  readonly base?: string;
  readonly tag?: string;
  readonly builder?: BuilderName;
}

/** A command line that cannot be meant. The message says which word and why. */
export class UsageError extends Error {}

export const usage = `usage: npm run images -- --out DIR [options]
       npm run images -- --context DIR [options]

  --out DIR          write an archive for each service: DIR/mysmtp-SERVICE.tar
  --context DIR      write only what the Containerfile copies; any builder makes the images from it
  --service NAME     this service alone; may be said again for another
  --base IMAGE       build upon this image, which has Node 24; without it nothing is pulled
  --tag TAG          instead of the version in package.json
  --builder NAME     ${builderNames.join(' or ')}, where both are here
  --help             this text
`;

/** Reads the command line; `undefined` where only the usage is wanted. Throws a `UsageError`. */
export function parseOptions(argv: readonly string[]): Options | undefined {
  const { help, out, context, service, base, tag, builder } = parse(argv);
  if (help) return undefined;
  if (tag !== undefined && !/^\w[\w.-]{0,127}$/.test(tag)) {
    throw new UsageError(`--tag: ${tag} is not a tag`);
  }
  return {
    target: targetOf(out, context),
    services: service === undefined ? serviceNames : [...new Set(service.map(serviceOf))],
    ...(base === undefined ? {} : { base }),
    ...(tag === undefined ? {} : { tag }),
    ...(builder === undefined ? {} : { builder: oneOf('--builder', builderNames, builder) }),
  };
}

function targetOf(out: string | undefined, context: string | undefined): Options['target'] {
  if (out !== undefined && context === undefined) return { out };
  if (context !== undefined && out === undefined) return { context };
  throw new UsageError('either --out DIR or --context DIR is required');
}

const serviceOf = (name: string): ServiceName => oneOf('--service', serviceNames, name);

function oneOf<T extends string>(option: string, names: readonly T[], name: string): T {
  const found = names.find((known) => known === name);
  if (found === undefined) {
    throw new UsageError(`${option}: ${name} is none of ${names.join(', ')}`);
  }
  return found;
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        out: { type: 'string' },
        context: { type: 'string' },
        service: { type: 'string', multiple: true },
        base: { type: 'string' },
        tag: { type: 'string' },
        builder: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
