import { parseJson } from '@mysmtp/contracts';
import { z } from 'zod';

/** Finds the tenants of a dead letter: events and commands of all kinds name them in this form. */
const naming = /"tenant":"([^"\\]{1,64})"/g;

export function tenantsIn(content: Buffer): string[] {
  const names = [...textOf(content).matchAll(naming)].map(([, tenant = '']) => tenant);
  return [...new Set(names)];
}

/** The text of a message. If it is signed, that is the payload, the middle part of the compact JWS. */
function textOf(content: Buffer): string {
  const text = content.toString('latin1');
  const payload = /^[\w-]+\.([\w-]+)\.[\w-]+$/.exec(text)?.[1];
  return payload === undefined ? text : Buffer.from(payload, 'base64url').toString('latin1');
}

const Events = z.looseObject({ events: z.array(z.unknown()) });

/**
 * The same letter without the data of one tenant; `undefined` if nothing else is in it. Events of other
 * tenants stay. If the content is not a list of events, all of it is removed.
 */
export function without(content: Buffer, tenant: string): Buffer | undefined {
  if (!tenantsIn(content).includes(tenant)) return content;
  const letter = Events.safeParse(parseJson(content));
  if (!letter.success) return undefined;
  const kept = letter.data.events.filter(
    (event) => !tenantsIn(Buffer.from(JSON.stringify(event))).includes(tenant),
  );
  if (kept.length === 0) return undefined;
  const rest = Buffer.from(JSON.stringify({ ...letter.data, events: kept }));
  return tenantsIn(rest).includes(tenant) ? undefined : rest;
}
