import { logFields } from '@mysmtp/contracts';
import { placesOf } from './places.ts';

const allowed: ReadonlySet<string> = new Set(logFields);

/**
 * What of these fields may leave the process. The list of keys holds for the first level alone, so
 * what has keys of its own stays inside and only its type comes out.
 */
export function permitted(fields: object): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(fields)) {
    if (!allowed.has(key) || value === undefined) continue;
    if (value instanceof Error) Object.assign(kept, describe(key, value));
    // Anything can be thrown, a text of somebody else's too.
    else if (key === 'error') kept[key] = typeName(value);
    // The operator's own, by names of our own: secrets are left out where it is made.
    else if (key === 'settings') kept[key] = value;
    else kept[key] = Array.isArray(value) ? value.map(flat) : flat(value);
  }
  return kept;
}

/**
 * An error's own message can quote what a customer or a remote server wrote, so it stays inside:
 * its class, its code, what caused it, and the places in our code are what the reader needs.
 */
function describe(key: string, error: Error): Record<string, unknown> {
  const errorCode = codeOf(error);
  const cause = innermostOf(error);
  return {
    [key]: error.name,
    ...(errorCode === undefined ? undefined : { errorCode }),
    ...(cause === error ? undefined : { cause: codeOf(cause) ?? cause.name }),
    stack: placesOf(error).slice(0, 8),
  };
}

/** A code is one word, of ours (`CodedError`), of Node or of a library: anything else is text. */
function codeOf(error: Error): string | undefined {
  const code = 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^\w{1,64}$/.test(code) ? code : undefined;
}

/** Causes are few; the bound is for one that is its own cause. */
function innermostOf(error: Error): Error {
  let innermost = error;
  for (let depth = 0; depth < 8 && innermost.cause instanceof Error; depth += 1) {
    innermost = innermost.cause;
  }
  return innermost;
}

const flat = (value: unknown): unknown =>
  value === null || ['string', 'number', 'boolean'].includes(typeof value)
    ? value
    : typeName(value);

/** By its prototype, which is code: a `constructor` of its own may be anybody's text. */
function typeName(value: unknown): string {
  if (typeof value !== 'object' || value === null) return typeof value;
  const prototype = Object.getPrototypeOf(value) as object | null;
  return prototype?.constructor.name ?? 'object';
}
