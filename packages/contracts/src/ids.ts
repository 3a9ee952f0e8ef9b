import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';
import { day as dayLength } from './time.ts';

/** One of our ids in a request. Ids are UUIDs: written in lower case, accepted in any case (RFC 9562 4). */
export const Id = z.string().min(1).max(64).toLowerCase();

/** Random octets are generated for many ids at once: the call costs more than the octets. */
const octets = new Uint8Array(16 * 256);
let next = octets.length;

function takeRandom(): Uint8Array {
  if (next === octets.length) {
    globalThis.crypto.getRandomValues(octets);
    next = 0;
  }
  next += 16;
  return octets.subarray(next - 16, next);
}

/** UUIDv7 (RFC 9562 5.7): sorts by time and contains the UTC day of its collection and key. */
export function newMessageId(at: number): string {
  return uuidv7({ msecs: at, random: takeRandom() });
}

/** Another id with the time of `at`, always the same for these 16 octets. */
export function messageIdFrom(at: number, octets: Uint8Array): string {
  return uuidv7({ msecs: at, random: octets });
}

/** The time of acceptance in a message id, in milliseconds since the epoch. */
export function timeOfMessageId(id: string): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}

/** Not above the id of any message that was accepted at `at` or later, and above all earlier ones. */
export function lowestMessageId(at: number): string {
  const time = Math.max(0, Math.floor(at)).toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}`;
}

/** True for any text in the form of a message id. */
export function isMessageId(text: string): boolean {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(text);
}

/** UTC day of a time in milliseconds, `YYYY-MM-DD`: each day has its own keys. */
export function dayOf(at: number): string {
  const number = Math.floor(at / dayLength);
  if (number !== last.number) last = { number, day: new Date(at).toISOString().slice(0, 10) };
  return last.day;
}

/** Cached, because it is called several times for each message and nearly always for the same day. */
let last = { number: Number.NaN, day: '' };
