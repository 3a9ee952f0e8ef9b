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
 * its class, its code and the places in our code are what the reader needs.
 */
function describe(key: string, error: Error): Record<string, unknown> {
  return {
    [key]: error.name,
    ...('code' in error && typeof error.code === 'string' ? { errorCode: error.code } : undefined),
    stack: placesOf(error).slice(0, 8),
  };
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
