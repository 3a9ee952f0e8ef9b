import { createSecretKey, randomBytes } from 'node:crypto';
import { auditClassOf, dayKeyId, type SecurityEvent } from '@mysmtp/contracts';
import { describe, expect, test } from 'vitest';
import {
  beforeFirst,
  chainKeyOf,
  commitmentOfPayload,
  createChainVerifier,
  digestOf,
  linked,
  payloadOf,
  rangesOf,
  saltLength,
  type About,
  type ChainEntry,
  type Content,
  type Head,
} from '../src/index.ts';

const noon = Date.parse('2026-11-24T12:00:00Z');
const day = 86_400_000;
const tenant = '018f3d2a-0000-7000-8000-000000000001';

const keys = new Map<string, Buffer>();

function chainKey(keyId: string): Buffer {
  const known = keys.get(keyId) ?? chainKeyOf(createSecretKey(randomBytes(32)));
  keys.set(keyId, known);
  return known;
}

const eventOf = (type: SecurityEvent['type'], at: number): SecurityEvent => ({
  id: '018f3d2a-0000-7000-8000-0000000000aa',
  at,
  type,
  tenant,
  actor: { kind: 'person', id: tenant },
  object: null,
  operation: null,
  outcome: 'ok',
  reason: null,
  ticket: null,
  networkKey: null,
  network: null,
  client: null,
});

interface Item {
  entry: ChainEntry;
  content: Content;
}

/** A chain in memory, made as the service makes it. */
class Chain {
  items: Item[] = [];

  add(type: SecurityEvent['type'], time = noon, about?: About): this {
    const payload = payloadOf(eventOf(type, time), about);
    const salt = randomBytes(saltLength);
    const last = this.items.at(-1)?.entry;
    const end = last === undefined ? beforeFirst : { ...last, digest: digestOf(last) };
    const keyId = dayKeyId('audit', time);
    const commitment = commitmentOfPayload(salt, payload);
    const entry = linked(end, chainKey(keyId), { time, type, keyId, commitment });
    this.items.push({ entry, content: { state: 'shown', salt, payload } });
    return this;
  }

  drop(...seqs: number[]): this {
    for (const seq of seqs) this.item(seq).content = { state: 'deleted' };
    return this;
  }

  item(seq: number): Item {
    const item = this.items[seq - 1];
    if (item === undefined) throw new Error(`No entry ${String(seq)}`);
    return item;
  }

  head(): Head {
    const last = this.items.at(-1);
    if (last === undefined) throw new Error('The chain is empty');
    return { seq: last.entry.seq, digest: digestOf(last.entry) };
  }

  /** Fault and number of each finding. */
  verify(options: Parameters<typeof createChainVerifier>[0] = {}): string[] {
    const verifier = createChainVerifier({ chainKey: (id) => keys.get(id), ...options });
    for (const { entry, content } of this.items) verifier.add(entry, content);
    return verifier.finish().map(({ fault, seq }) => `${fault} ${String(seq)}`);
  }
}

const longChain = () => new Chain().add('sign_in').add('act').add('auth').add('act').add('act');

test('a chain that nobody changed is valid, with the heads that were signed on the way', () => {
  const chain = longChain();
  const head = chain.head();
  expect(chain.add('act').verify({ heads: [head, chain.head()] })).toEqual([]);
});

test('edited payload: it no longer fits its commitment', () => {
  const chain = longChain();
  const { content } = chain.item(2);
  if (content.state !== 'shown') throw new Error('The payload is gone');
  chain.item(2).content = { ...content, payload: content.payload.replace('"ok"', '"failed"') };
  expect(chain.verify()).toEqual(['commitment 2']);
});

test('an edited entry with a fitting commitment has a wrong MAC, and the next entry does not follow it', () => {
  const chain = longChain();
  const salt = randomBytes(saltLength);
  const payload = payloadOf(eventOf('act', noon));
  const item = chain.item(2);
  item.content = { state: 'shown', salt, payload };
  item.entry = { ...item.entry, commitment: commitmentOfPayload(salt, payload) };
  expect(chain.verify()).toEqual(['mac 2', 'link 3']);
});

test('somebody with the database alone cannot continue the chain', () => {
  const chain = longChain();
  const { entry } = chain.item(5);
  const forged = linked({ ...entry, digest: digestOf(entry) }, randomBytes(32), {
    ...entry,
    type: 'sign_in',
  });
  chain.items.push({ entry: forged, content: { state: 'hidden' } });
  expect(chain.verify()).toEqual(['mac 6']);
});

test('truncated head: the first entries are missing', () => {
  const chain = longChain();
  chain.items.splice(0, 2);
  expect(chain.verify()).toEqual(['front 3']);
});

test('truncated tail: a head names an entry that is missing, also if the chain was continued', () => {
  const chain = longChain();
  const head = chain.head();
  chain.items.splice(3);
  expect(chain.verify({ heads: [head] })).toEqual(['tail 5']);
  expect(chain.verify()).toEqual([]);
  chain.add('act').add('act');
  expect(chain.verify({ heads: [head] })).toEqual(['head 5']);
});

test('reordering and a missing entry break the links', () => {
  const chain = longChain();
  const [second, third] = [chain.item(2), chain.item(3)];
  chain.items.splice(1, 2, third, second);
  expect(chain.verify()).toEqual(['gap 2', 'gap 3', 'gap 4'].toSorted());
  const renumbered = longChain();
  renumbered.items.splice(1, 1);
  renumbered.items.forEach((item, index) => {
    item.entry = { ...item.entry, seq: index + 1 };
  });
  expect(renumbered.verify({ chainKey: () => undefined })).toEqual(['link 2', 'link 3', 'link 4']);
});

test('unlogged redaction: a payload that is missing without an entry about it', () => {
  expect(longChain().drop(2).verify()).toEqual(['unexplained_deletion 2']);
});

test('key rotation: each month has its own key, and the chain goes on', () => {
  const december = Date.parse('2026-12-01T00:00:00Z');
  const chain = longChain()
    .add('act', december - 1)
    .add('act', december)
    .add('sign_in', december + day);
  expect(chain.item(6).entry.keyId).toBe('audit:2026-11-01');
  expect(chain.item(7).entry.keyId).toBe('audit:2026-12-01');
  expect(chain.verify()).toEqual([]);
  // Without the key of November, which is destroyed after a year, all but its MACs is checked.
  expect(
    chain.verify({ chainKey: (id) => (id.includes('-12-') ? keys.get(id) : undefined) }),
  ).toEqual([]);
  // The holder of the key of December cannot make entries of November.
  const { entry } = chain.item(6);
  const forged = linked(
    { ...chain.item(5).entry, digest: digestOf(chain.item(5).entry) },
    chainKey('audit:2026-12-01'),
    { ...entry, keyId: 'audit:2026-12-01' },
  );
  chain.item(6).entry = forged;
  expect(chain.verify()).toEqual(['key 6', 'link 7']);
});

test('a time before that of the entry before is found', () => {
  expect(
    longChain()
      .add('act', noon - 1)
      .verify(),
  ).toEqual(['time 6']);
});

describe('the chain stays valid after', () => {
  test('an erasure, and only for the entries that it names', () => {
    const chain = longChain().drop(1, 2, 4);
    chain.add('payload_erased', noon, { erased: rangesOf([1, 2, 4]) });
    expect(chain.verify()).toEqual([]);
    expect(chain.drop(3).verify()).toEqual(['unexplained_deletion 3']);
  });

  test('the end of the retention of a class, and only for older entries of that class', () => {
    const chain = longChain().drop(1, 3);
    const expired = { class: auditClassOf('sign_in'), below: noon + 1 };
    chain.add('payload_expired', noon + day, { expired });
    expect(chain.verify()).toEqual([]);
    expect(chain.drop(2).verify()).toEqual(['unexplained_deletion 2']);
    chain.add('sign_in', noon + day).drop(7);
    expect(chain.verify()).toEqual(['unexplained_deletion 2', 'unexplained_deletion 7']);
  });
});

test('a part of a chain is checked from where it begins', () => {
  const chain = longChain();
  const { entry } = chain.item(2);
  chain.items.splice(0, 2);
  expect(chain.verify({ from: { ...entry, digest: digestOf(entry) } })).toEqual([]);
});

test('consecutive numbers become ranges', () => {
  expect(rangesOf([1, 2, 3, 7, 9, 10])).toEqual([
    [1, 3],
    [7, 7],
    [9, 10],
  ]);
  expect(rangesOf([])).toEqual([]);
});
