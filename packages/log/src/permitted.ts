import { logFields } from '@mysmtp/contracts';

const allowed: ReadonlySet<string> = new Set(logFields);

/**
 * The part of these fields that may be logged. The allow-list applies to the first level only, so a value
 * with keys of its own is replaced by its type.
 */
export function permitted(fields: object): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(fields)) {
    if (!allowed.has(key) || value === undefined) continue;
    if (value instanceof Error) Object.assign(kept, describe(key, value));
    // Any value can be thrown, also a text of a remote peer.
    else if (key === 'error') kept[key] = typeName(value);
    // The operator's own settings, by our names. Secrets are removed before.
    else if (key === 'settings') kept[key] = value;
    else kept[key] = Array.isArray(value) ? value.map(flat) : flat(value);
  }
  return kept;
}

/**
 * The message of an error can quote a customer or a remote server, so it is not logged. Class, code, causes
 * and stack frames are enough.
 */
function describe(key: string, error: Error): Record<string, unknown> {
  const errorCode = codeOf(error);
  const cause = innermostOf(error);
  return {
    [key]: error.name,
    ...(errorCode === undefined ? undefined : { errorCode }),
    ...(cause === error ? undefined : { cause: codeOf(cause) ?? cause.name }),
    stack: stackFramesOf(error).slice(0, 8),
  };
}

/**
 * A code is one word, of ours (`CodedError`), of Node or of a library. Other values may be text and are not
 * logged.
 */
function codeOf(error: Error): string | undefined {
  const code = 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^\w{1,64}$/.test(code) ? code : undefined;
}

/** Causes are few. The bound stops an error that is its own cause. */
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

/** By its prototype, which is code. A `constructor` property of its own may contain any text. */
function typeName(value: unknown): string {
  if (typeof value !== 'object' || value === null) return typeof value;
  const prototype = Object.getPrototypeOf(value) as object | null;
  return prototype?.constructor.name ?? 'object';
}

/** A stack frame of V8: `    at name (file:///…:1:2)`, or without a name. */
const frame = /^ {4}at (?:async )?(?:.+ \()?(?:file:\/\/|node:|\/).+:\d+:\d+\)?$/;

/**
 * The stack frames. A stack begins with the error's name and message, and a line of the message can look like
 * a frame, so both are removed first. If the message was changed after the stack was made, its end is
 * unknown, and no frame is logged.
 */
function stackFramesOf({ message, stack = '' }: Error): string[] {
  const front = message === '' ? '\n' : `: ${message}\n`;
  const end = stack.indexOf(front);
  const isOfName = end !== -1 && !/[:\n]/.test(stack.slice(0, end));
  if (!isOfName) return [];
  return stack
    .slice(end + front.length)
    .split('\n')
    .filter((line) => frame.test(line))
    .map((line) => line.trim());
}
