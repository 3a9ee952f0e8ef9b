import { inspect } from 'node:util';
import { z } from 'zod';

/** A value that cannot be printed by accident: only `reveal` gives it away. */
export class Secret<T> {
  readonly #value: T;

  constructor(value: T) {
    this.#value = value;
  }

  reveal(): T {
    return this.#value;
  }

  toString(): string {
    return '[secret]';
  }

  toJSON(): string {
    return '[secret]';
  }

  [inspect.custom](): string {
    return '[secret]';
  }
}

/** A setting: its environment name, how its text becomes a value, and the default beside it. */
export interface Setting<T> {
  readonly env: string;
  readonly schema: z.ZodType<T, string | undefined>;
  readonly secret: boolean;
}

/** A setting that may be shown. Its schema takes the text; `.default()` makes it optional. */
export function setting<T>(env: string, schema: z.ZodType<T, string | undefined>): Setting<T> {
  return { env, schema, secret: false };
}

/** A setting whose value is shown to nobody. */
export function secretSetting<T>(
  env: string,
  schema: z.ZodType<T, string | undefined>,
): Setting<Secret<T>> {
  return { env, schema: schema.transform((value) => new Secret(value)), secret: true };
}

export type Settings = Readonly<Record<string, Setting<unknown>>>;
export type Config<S extends Settings> = {
  readonly [Name in keyof S]: S[Name] extends Setting<infer T> ? T : never;
};

/** Bad configuration: names every setting that is wrong and why. */
export class ConfigError extends Error {
  readonly problems: readonly { readonly setting: string; readonly reason: string }[];

  constructor(problems: ConfigError['problems']) {
    super(problems.map((problem) => `${problem.setting}: ${problem.reason}`).join('; '));
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

/** Reads all settings from the environment; an empty value counts as absent. */
export function readConfig<S extends Settings>(
  settings: S,
  env: Readonly<Record<string, string | undefined>>,
): Config<S> {
  const problems: { setting: string; reason: string }[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, { env: variable, schema }] of Object.entries(settings)) {
    const text = env[variable];
    const result = schema.safeParse(text === '' ? undefined : text);
    if (result.success) values[name] = result.data;
    // Zod's message for a missing value speaks of types; the reader wants to know that it is missing.
    else if (text === undefined || text === '') {
      problems.push({ setting: variable, reason: 'is required' });
    } else {
      problems.push({
        setting: variable,
        reason: result.error.issues.map((issue) => issue.message).join(', '),
      });
    }
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return values as Config<S>;
}

/** What the service runs with, by environment name; secrets only as such. */
export function redacted<S extends Settings>(
  settings: S,
  config: Config<S>,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(settings).map(([name, { env, secret }]) => [
      env,
      secret ? '[secret]' : config[name],
    ]),
  );
}

const units = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** A hundred years: what is added to the time of day must still be a date. */
const longestDuration = 36_500 * units.d;

/** `250ms`, `30s`, `5m`, `4h`, `7d` → milliseconds. */
const duration = z
  .string()
  .regex(/^\d+(ms|s|m|h|d)$/, 'must be a number with ms, s, m, h or d, such as 30s')
  .transform(milliseconds)
  .refine((length) => length <= longestDuration, 'must be at most 36500d');

function milliseconds(text: string): number {
  const [, number = '', unit = ''] = /^(\d+)([a-z]+)$/.exec(text) ?? [];
  return Number(number) * units[unit as keyof typeof units];
}

/** Schemas for the kinds of values that settings have. */
export const kinds = {
  text: z.string(),
  url: z.url(),
  port: z.coerce.number<string>().int().min(1).max(65_535),
  count: z.coerce.number<string>().int().min(1),
  duration,
  /** A duration from `least` to `most`, both included and written as a duration is. */
  durationBetween: (least: string, most: string) =>
    duration.refine(
      (value) => value >= milliseconds(least) && value <= milliseconds(most),
      `must be from ${least} to ${most}`,
    ),
  flag: z.enum(['true', 'false']).transform((text) => text === 'true'),
};
