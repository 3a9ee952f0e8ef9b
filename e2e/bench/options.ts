import { commandLine, count, InvalidArgumentError } from '@mysmtp/command-line';
import { profiles, type Profile, type ProfileName } from './profiles.ts';

export interface Options {
  readonly name: ProfileName;
  readonly profile: Profile;
  /** What the command line sets in place of the values of a profile. */
  readonly overrides: Partial<Pick<Profile, 'rounds' | 'messages'>>;
  readonly only: string;
  readonly backlog: number;
  readonly json?: string | undefined;
  readonly cpuProfile?: string | undefined;
}

/** Reads the command line. Throws a `UsageError`. */
export function parseOptions(argv: readonly string[]): Options {
  const command = commandLine('npm run bench --')
    .description(
      'Postfix, Haraka and mySMTP in turn on this machine, the same load in front and the same sink behind. Other profiles measure latency, growth, single stages, and erasures.',
    )
    .argument('[PROFILE]', Object.keys(profiles).join(', '), profileName, '10k' as const)
    .option('--rounds <N>', 'rounds of all systems, interleaved; the table shows medians', count)
    .option('--messages <N>', 'messages a round', count)
    .option('--only <TEXT>', 'only the rows whose name has TEXT in it', '')
    .option('--backlog <N>', 'deferred messages of the profile backlog', count, 100_000)
    .option('--json <FILE>', 'writes all measurements')
    .option('--cpu-profile <DIR>', 'writes a V8 profile of each service (which makes them slower)')
    .parse(argv, { from: 'user' });
  const [name] = command.processedArgs;
  const { rounds, messages, ...others } = command.opts();
  const overrides = {
    ...(rounds !== undefined && { rounds }),
    ...(messages !== undefined && { messages }),
  };
  return { name, profile: { ...profiles[name], ...overrides }, overrides, ...others };
}

function profileName(text: string): ProfileName {
  if (!Object.hasOwn(profiles, text)) throw new InvalidArgumentError('There is no such profile.');
  return text as ProfileName;
}
