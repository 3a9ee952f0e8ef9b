import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { z } from 'zod';

/** A value that cannot be printed by accident: only `reveal` returns it. */
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

/** A setting: its environment name, the schema of its text, and its default. */
export interface Setting<T> {
  readonly env: string;
  readonly schema: z.ZodType<T, string | undefined>;
  readonly secret: boolean;
  /** For the URL of a back end: whether the connection needs TLS and does not have it. */
  readonly isPlain?: (text: string) => boolean;
}

/** A setting that may be shown. Its schema parses the text; `.default()` makes it optional. */
export function setting<T>(env: string, schema: z.ZodType<T, string | undefined>): Setting<T> {
  return { env, schema, secret: false };
}

/** A setting whose value is never shown. */
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

/** Invalid configuration: names every invalid setting with the reason. */
export class ConfigError extends Error {
  readonly problems: readonly { readonly setting: string; readonly reason: string }[];

  constructor(problems: ConfigError['problems']) {
    super(problems.map((problem) => `${problem.setting}: ${problem.reason}`).join('; '));
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

/**
 * The setting by which an operator confirms that another layer protects the connection, such as a service
 * mesh.
 */
export const withoutTls = 'BACK_ENDS_WITHOUT_TLS';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads all settings from the environment; an empty value counts as absent. A secret `X` may be in a file
 * that `X_FILE` names, so that the secret is in no environment.
 */
export function readConfig<S extends Settings>(settings: S, env: Environment): Config<S> {
  const problems: { setting: string; reason: string }[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries(settings)) {
    const result = readSetting(setting, env);
    if ('value' in result) values[name] = result.value;
    else problems.push(result);
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return values as Config<S>;
}

function readSetting(
  { env: variable, schema, secret, isPlain }: Setting<unknown>,
  env: Environment,
): { value: unknown } | { setting: string; reason: string } {
  let text = env[variable] || undefined;
  const file = secret ? env[`${variable}_FILE`] || undefined : undefined;
  if (file !== undefined) {
    if (text !== undefined) {
      return { setting: variable, reason: `is set, and ${variable}_FILE too: only one may be` };
    }
    try {
      text = readFileSync(file, 'utf8').trim() || undefined;
    } catch (error) {
      const { code = 'unknown error' } = error as NodeJS.ErrnoException;
      return { setting: `${variable}_FILE`, reason: `cannot be read (${code})` };
    }
  }
  const result = schema.safeParse(text);
  if (!result.success) {
    // Zod's message for a missing value names types; the reader needs to know that the value is missing.
    const reasons = result.error.issues.map((issue) => issue.message).join(', ');
    return { setting: variable, reason: text === undefined ? 'is required' : reasons };
  }
  if (text !== undefined && isPlain?.(text) === true && env[withoutTls] !== 'true') {
    const reason = `leads to another machine without TLS that checks its certificate; ${withoutTls}=true accepts that where something else encrypts, such as a service mesh`;
    return { setting: variable, reason };
  }
  return { value: result.data };
}

/** The effective settings, by environment name; secrets only as `[secret]`. */
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

/** A hundred years: the sum with the current time must be a valid date. */
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
  port: z.coerce.number<string>().int().min(1).max(65_535),
  count: z.coerce.number<string>().int().min(1),
  duration,
  /** A duration from `least` to `most`, both included and in the notation of durations. */
  durationBetween: (least: string, most: string) =>
    duration.refine(
      (value) => value >= milliseconds(least) && value <= milliseconds(most),
      `must be from ${least} to ${most}`,
    ),
  flag: z.enum(['true', 'false']).transform((text) => text === 'true'),
};
