import { parseArgs } from 'node:util';
import { profiles, type Profile, type ProfileName } from './profiles.ts';

export const usage = `npm run bench -- [PROFILE] [options]

Postfix and mySMTP in turn on this machine, the same load in front and the same sink behind;
with profile erasure: one erasure, its stages, and what others have of it meanwhile.

profiles: ${Object.keys(profiles).join(', ')} (10k unless said)
  --rounds N         rounds of all systems, interleaved; the table shows medians
  --messages N       messages a round
  --only TEXT        only the rows whose name has TEXT in it
  --json FILE        writes everything that was measured
  --cpu-profile DIR  writes a V8 profile of each service (and makes them slower)
  --help`;

export interface Options {
  readonly name: ProfileName;
  readonly profile: Profile;
  readonly only: string;
  readonly json: string | undefined;
  readonly cpuProfile: string | undefined;
}

export class UsageError extends Error {}

/** `undefined` where only the usage is asked for. */
export function parseOptions(args: readonly string[]): Options | undefined {
  const { values, positionals } = parse(args);
  if (values.help === true) return undefined;
  const [name = '10k', ...others] = positionals;
  if (others.length > 0 || !isProfile(name)) throw new UsageError(`There is no profile ${name}`);
  const profile = profiles[name];
  return {
    name,
    profile: {
      ...profile,
      rounds: count('rounds', values.rounds) ?? profile.rounds,
      messages: count('messages', values.messages) ?? profile.messages,
    },
    only: values.only ?? '',
    json: values.json,
    cpuProfile: values['cpu-profile'],
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        rounds: { type: 'string' },
        messages: { type: 'string' },
        only: { type: 'string' },
        json: { type: 'string' },
        'cpu-profile': { type: 'string' },
        help: { type: 'boolean' },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

const isProfile = (name: string): name is ProfileName => Object.hasOwn(profiles, name);

function count(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[1-9]\d*$/.test(text)) throw new UsageError(`--${option} must be a number from 1 on`);
  return Number(text);
}
