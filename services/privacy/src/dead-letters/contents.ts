import { parseJson } from '@mysmtp/contracts';
import { z } from 'zod';

/** Which tenants a dead letter is about, whatever else it is: events and commands name them so. */
const naming = /"tenant":"([^"\\]{1,64})"/g;

export function tenantsIn(content: Buffer): string[] {
  const names = [...textOf(content).matchAll(naming)].map(([, tenant = '']) => tenant);
  return [...new Set(names)];
}

/** Of a signed message, what was signed: a compact JWS has it in its middle part. */
function textOf(content: Buffer): string {
  const text = content.toString('latin1');
  const payload = /^[\w-]+\.([\w-]+)\.[\w-]+$/.exec(text)?.[1];
  return payload === undefined ? text : Buffer.from(payload, 'base64url').toString('latin1');
}

const Events = z.looseObject({ events: z.array(z.unknown()) });

/**
 * The same letter without what is about one tenant; `undefined` where nothing else is in it. Of events
 * of several tenants the others stay; what is no list of events goes whole.
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
