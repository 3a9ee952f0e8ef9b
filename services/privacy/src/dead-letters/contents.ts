import { bySubject, parseJson, type Subject } from '@mysmtp/contracts';
import { z } from 'zod';

/** Finds the tenants of a dead letter: events and commands of all kinds name them in this form. */
const namingTenant = /"tenant":"([^"\\]{1,64})"/g;
/** Finds the persons: the blind indexes of senders and recipients, and the subject of an erasure. */
const namingPerson = /"(?:senderIndex|recipientIndex|person)":"([^"\\]{1,64})"/g;

const namesIn = (content: Buffer, naming: RegExp): string[] => {
  const names = [...textOf(content).matchAll(naming)].map(([, name = '']) => name);
  return [...new Set(names)];
};

export const tenantsIn = (content: Buffer): string[] => namesIn(content, namingTenant);
export const personsIn = (content: Buffer): string[] => namesIn(content, namingPerson);

/** The text of a message. If it is signed, that is the payload, the middle part of the compact JWS. */
function textOf(content: Buffer): string {
  const text = content.toString('latin1');
  const payload = /^[\w-]+\.([\w-]+)\.[\w-]+$/.exec(text)?.[1];
  return payload === undefined ? text : Buffer.from(payload, 'base64url').toString('latin1');
}

/** A blind index is made under a key of its tenant, so a person is found without the tenant. */
const isAbout = (content: Buffer, subject: Subject): boolean =>
  bySubject(subject, {
    tenant: ({ tenant }) => tenantsIn(content).includes(tenant),
    person: ({ person }) => personsIn(content).includes(person),
  });

const Events = z.looseObject({ events: z.array(z.unknown()) });

/**
 * The same letter without the data of one subject; `undefined` if nothing else is in it. Events of others
 * stay. If the content is not a list of events, all of it is removed.
 */
export function without(content: Buffer, subject: Subject): Buffer | undefined {
  if (!isAbout(content, subject)) return content;
  const letter = Events.safeParse(parseJson(content));
  if (!letter.success) return undefined;
  const kept = letter.data.events.filter(
    (event) => !isAbout(Buffer.from(JSON.stringify(event)), subject),
  );
  if (kept.length === 0) return undefined;
  const rest = Buffer.from(JSON.stringify({ ...letter.data, events: kept }));
  return isAbout(rest, subject) ? undefined : rest;
}
