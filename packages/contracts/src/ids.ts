import { v7 as uuidv7 } from 'uuid';

/** UUIDv7 (RFC 9562 5.7): sorts by time and tells the UTC day whose partition and key it belongs to. */
export function newMessageId(at: number): string {
  return uuidv7({ msecs: at });
}

/** The time of acceptance that is written into a message id, in milliseconds since the epoch. */
export function timeOfMessageId(id: string): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}

/** True for any text that has the form of a message id. */
export function isMessageId(text: string): boolean {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(text);
}

/** UTC day of a time in milliseconds, `YYYY-MM-DD`: the unit in which keys live and die. */
export function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}
