import { randomUUID } from 'node:crypto';
import type { StackDescription } from '@mysmtp/local-stack';
import { eventually, proxyTo, startPeer, type Peer, type PeerScript } from '@mysmtp/test-kit';
import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, expect, inject } from 'vitest';
import { databaseOf } from './databases.ts';
import { openSession } from './client.ts';
import { newCustomer } from './customers.ts';
import { testMessage } from './load.ts';
import { readMaildir } from './maildir.ts';

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
    const { host, smtpPort, maildir } = (await startedStack()).mx;
    const proxy = await proxyTo(`smtp://${host}:${String(smtpPort)}`, port);
    const has = async (to: string) =>
      (await readMaildir(maildir)).some(({ deliveredTo }) => deliveredTo === to);
    return { has, close: proxy.close };
  });
}

/** For a scenario with a scripted receiver. */
export function commonStackTo(script: PeerScript): CommonStack & { readonly peer: () => Peer } {
  let peer: Peer | undefined;
  const stack = commonStackWith(async (port) => {
    const started = await startPeer({ ...script, port });
    peer = started;
    const has = async (recipient: string) =>
      started.received.some(({ to }) => to.includes(recipient));
    return { has, close: started.close };
  });
  return {
    ...stack,
    peer: () => {
      if (peer === undefined) throw new Error('The receiver has not started');
      return peer;
    },
  };
}

interface Receiver {
  /** Whether mail to this address has arrived. */
  has(to: string): Promise<boolean>;
  close(): Promise<void>;
}

function commonStackWith(receive: (port: number) => Promise<Receiver>): CommonStack {
  let receiver: Receiver | undefined;
  let demo: StackDescription | undefined;
  let description: StackDescription | undefined;
  beforeAll(async () => {
    receiver = await receive(inject('receiverPort'));
    demo = await startedStack();
    description = await asNewCustomer(demo);
  });
  afterAll(async () => {
    // Mail that finds no receiver makes delivery avoid the destination, also for the next scenario.
    if (demo !== undefined && receiver !== undefined) await mailIsDelivered(demo, receiver);
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

/** Resolves when identity has submitted all notices, and a later message has arrived. */
async function mailIsDelivered(common: StackDescription, receiver: Receiver): Promise<void> {
  const client = new MongoClient(common.mongodb.url);
  try {
    const notices = client.db(databaseOf(common, 'identity')).collection('notices');
    await eventually(async () => expect(await notices.countDocuments()).toBe(0));
  } finally {
    await client.close();
  }
  const to = `last-${randomUUID()}@example.net`;
  const { from } = common.credential;
  const session = await openSession(common);
  expect((await session.submit(from, [to], testMessage(from, [to], 500).message)).code).toBe(250);
  session.quit();
  await eventually(async () => expect(await receiver.has(to)).toBe(true), { timeout: 60_000 });
}

async function asNewCustomer(common: StackDescription): Promise<StackDescription> {
  const domain = `${randomUUID().slice(0, 8)}.example`;
  const customer = await newCustomer(common, { name: 'Somebody', domain, owner: `o@${domain}` });
  const description: StackDescription = {
    ...common,
    tenant: { id: customer.id, domain, ownerToken: customer.ownerToken },
    credential: { ...customer.credential, from: `hello@${domain}` },
  };
  // Ingress gets the change a moment later. Each attempt before that is a failed one of our network.
  (await eventually(() => openSession(description), { every: 500 })).quit();
  return description;
}
