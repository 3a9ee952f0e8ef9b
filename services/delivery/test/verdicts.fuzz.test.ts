import { fuzz } from '@mysmtp/test-kit/fuzz';
import * as fc from 'fast-check';
import { expect } from 'vitest';
import { dataOf } from '../src/courier/data.ts';
import { replyOf, type Reply, type Transaction } from '../src/courier/session.ts';
import { verdictsOf } from '../src/courier/verdict.ts';
import { addOutcome } from '../src/courier/wire-outcome.ts';

const text = fc.oneof(fc.string(), fc.constantFrom('5.1.1 no', '2.0.0 ok', '4.7.1', '5.1.1x'));
const reply: fc.Arbitrary<Reply> = fc
  .tuple(fc.integer({ min: 200, max: 599 }), fc.constantFrom(' ', '-'), text)
  .map(([code, separator, words]) => ({ code, text: `${String(code)}${separator}${words}` }));

fuzz(
  'a reply has the code that its first line starts with, or is none',
  [
    fc.oneof(
      reply.map(({ text }) => text),
      fc.string(),
      fc.constantFrom('25', '2500 ok', '250', 'x250 ok', ''),
    ),
  ],
  (text) => {
    const isReply = /^\d{3}([ -]|$)/.test(text);
    expect(replyOf(text)).toEqual(isReply ? { code: Number(text.slice(0, 3)), text } : undefined);
  },
);

const recipients = fc.integer({ min: 1, max: 5 });
const answered = recipients.chain((count) =>
  fc.record({
    end: fc.constant('answered' as const),
    replies: fc.array(reply, { minLength: count, maxLength: count }),
  }),
);
const refusal = reply.filter(({ code }) => code >= 400);
const broken = recipients.chain((count) =>
  fc.record({
    end: fc.constant('broken' as const),
    afterFinalDot: fc.boolean(),
    timedOut: fc.boolean(),
    reply: fc.option(reply, { nil: undefined }),
    refused: fc.array(fc.option(refusal, { nil: undefined }), {
      minLength: count,
      maxLength: count,
    }),
  }),
);
const unsendable = fc.record({
  end: fc.constant('unsendable' as const),
  why: fc.constantFrom('size' as const, 'address' as const),
});
const countOf = (transaction: Exclude<Transaction, { end: 'content_failed' }>): number => {
  if (transaction.end === 'answered') return transaction.replies.length;
  return transaction.end === 'broken' ? transaction.refused.length : 3;
};

fuzz(
  'each recipient gets one verdict: delivered only for a 2yz, permanent only for a 5yz or our own reason',
  [fc.oneof(answered, broken, unsendable)],
  (transaction) => {
    const verdicts = verdictsOf(transaction, countOf(transaction));
    expect(verdicts.length).toBe(countOf(transaction));
    for (const [n, { kind, enhancedCode, unknown }] of verdicts.entries()) {
      if (enhancedCode !== null) expect(enhancedCode).toMatch(/^[245]\.\d{1,3}\.\d{1,3}$/);
      const said =
        transaction.end === 'answered'
          ? transaction.replies[n]
          : transaction.end === 'broken'
            ? transaction.refused[n]
            : undefined;
      if (kind === 'delivered') expect(said?.code).toBeLessThan(300);
      if (kind === 'permanent' && transaction.end !== 'unsendable') {
        expect(Math.floor((said?.code ?? 0) / 100)).toBe(5);
      }
      if (unknown === true)
        expect(transaction).toMatchObject({ end: 'broken', afterFinalDot: true });
    }
  },
  1_000,
);

fuzz(
  'what was on the wire is counted once for each recipient, or not at all',
  [fc.oneof(answered, broken, unsendable)],
  (transaction) => {
    const counted = { finished: 0, unknown: 0 };
    addOutcome(counted, transaction);
    const mayHaveArrived =
      transaction.end === 'answered' || (transaction.end === 'broken' && transaction.afterFinalDot);
    expect(counted.finished + counted.unknown).toBe(mayHaveArrived ? countOf(transaction) : 0);
  },
);

const lines = fc
  .array(fc.constantFrom('.', '..', 'a', '', '.\r', ' .', '\n.', 'ü'), { maxLength: 8 })
  .map((all) => Buffer.from(all.map((line) => `${line}\r\n`).join('')));

fuzz(
  'after DATA no line of a message ends it, and unstuffed it is the message again',
  [fc.array(lines, { maxLength: 4 })],
  (parts) => {
    const written = Buffer.concat(dataOf(parts)).toString();
    const content = written.slice(0, -3);
    expect(written.endsWith('.\r\n')).toBe(true);
    expect(content).not.toMatch(/(^|\r\n|\n)\.(\r\n|\n|$)/);
    expect(content.replaceAll(/(^|\n)\./g, '$1')).toBe(Buffer.concat(parts).toString());
  },
);
