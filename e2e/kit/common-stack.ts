import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { StackDescription } from '@mysmtp/local-stack';
import { eventually, proxyTo, startPeer, type Peer, type PeerScript } from '@mysmtp/test-kit';
import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, expect, inject } from 'vitest';
import { databaseOf } from './databases.ts';
import { openSession } from './client.ts';
import { newCustomer } from './customers.ts';

/** The stack that is shared by scenarios that stop and kill nothing. */
export interface CommonStack {
  /** The description of the stack, with the scenario's own customer instead of the demo tenant. */
  description(): StackDescription;
  /** The same with the demo tenant. */
  demo(): StackDescription;
}

/** For a scenario that reads arriving mail from the Maildir of the local MX. */
export function commonStack(): CommonStack {
  return commonStackWith(async (port) => {
    const { host, smtpPort } = (await startedStack()).mx;
    return proxyTo(`smtp://${host}:${String(smtpPort)}`, port);
  });
}

/** For a scenario with a scripted receiver. */
export function commonStackTo(script: PeerScript): CommonStack & { readonly peer: () => Peer } {
  let peer: Peer | undefined;
  const stack = commonStackWith(async (port) => (peer = await startPeer({ ...script, port })));
  return {
    ...stack,
    peer: () => {
      if (peer === undefined) throw new Error('The receiver has not started');
      return peer;
    },
  };
}

function commonStackWith(
  receive: (port: number) => Promise<{ close(): Promise<void> }>,
): CommonStack {
  let receiver: { close(): Promise<void> } | undefined;
  let demo: StackDescription | undefined;
  let description: StackDescription | undefined;
  beforeAll(async () => {
    receiver = await receive(inject('receiverPort'));
    demo = await startedStack();
    description = await asNewCustomer(demo);
  });
  afterAll(async () => {
    // Mail that finds no receiver makes delivery avoid the destination, also for the next scenario.
    if (demo !== undefined) await noticesAreSent(demo);
    await receiver?.close();
  });
  const begun = (of: StackDescription | undefined): StackDescription => {
    if (of === undefined) throw new Error('The scenario has not begun');
    return of;
  };
  return { demo: () => begun(demo), description: () => begun(description) };
}

/** The first scenario of a run starts the stack. */
async function startedStack(): Promise<StackDescription> {
  const response = await fetch(inject('commonStackUrl'));
  if (!response.ok) throw new Error(await response.text());
  return (await response.json()) as StackDescription;
}

/** Resolves when identity has submitted all notices, and delivery has had time to deliver them. */
async function noticesAreSent(common: StackDescription): Promise<void> {
  const client = new MongoClient(common.mongodb.url);
  try {
    const notices = client.db(databaseOf(common, 'identity')).collection('notices');
    await eventually(async () => expect(await notices.countDocuments()).toBe(0));
    await sleep(500);
  } finally {
    await client.close();
  }
}

async function asNewCustomer(common: StackDescription): Promise<StackDescription> {
  const domain = `${randomUUID().slice(0, 8)}.example`;
  const customer = await newCustomer(common, { name: 'Somebody', domain, owner: `o@${domain}` });
  const description: StackDescription = {
    ...common,
    tenant: { id: customer.id, domain, ownerToken: customer.ownerToken },
    credential: { ...customer.credential, from: `hello@${domain}` },
  };
  // Ingress gets the change a moment later.
  (await eventually(() => openSession(description))).quit();
  return description;
}
