import type { Failure, RecipientResult, Security } from '@mysmtp/smtp-client';
import { fuzz } from '@mysmtp/test-kit/fuzz';
import * as fc from 'fast-check';
import { expect } from 'vitest';
import { addOutcomes, classify } from '../src/courier/classification.ts';

const text = fc.oneof(fc.string(), fc.constantFrom('550 5.1.1 no', '451 4.7.1', '530 5.7.0 TLS'));
const enhancedCode = fc.constantFrom(null, '4.7.1', '5.1.1', '5.7.0');
const failure: fc.Arbitrary<Failure> = fc.record({
  stage: fc.constantFrom('mail', 'rcpt', 'data', 'final_dot'),
  reason: fc.constantFrom('refused', 'closing', 'timeout', 'lost', 'too_large'),
  code: fc.option(fc.integer({ min: 400, max: 599 }), { nil: null }),
  enhancedCode,
  text,
  permanent: fc.boolean(),
});
const result: fc.Arbitrary<RecipientResult> = fc.oneof(
  fc.record({
    outcome: fc.constant('accepted' as const),
    code: fc.integer({ min: 200, max: 299 }),
    enhancedCode,
    text,
  }),
  fc.record({
    outcome: fc.constantFrom('refused' as const, 'unknown' as const, 'unsent' as const),
    failure,
  }),
);
const security: fc.Arbitrary<Security> = fc.constantFrom(
  { tls: false, because: 'not_offered' },
  { tls: false, because: 'tls_failed' },
);

fuzz(
  'a recipient is delivered only if the server accepted it, and bounced only for a permanent failure',
  [result, security],
  (one, used) => {
    const { kind, isUnknown } = classify(one, used);
    expect(kind === 'delivered').toBe(one.outcome === 'accepted');
    if (kind === 'permanent') expect(one).toMatchObject({ failure: { permanent: true } });
    expect(isUnknown).toBe(one.outcome === 'unknown');
  },
  1_000,
);

fuzz(
  'the outcome on the wire is counted once for each recipient, or not at all',
  [fc.array(result, { maxLength: 5 })],
  (results) => {
    const counted = { finished: 0, unknown: 0 };
    addOutcomes(counted, results);
    const mayHaveArrived = results.filter(
      (one) =>
        one.outcome === 'accepted' ||
        one.outcome === 'unknown' ||
        (one.outcome === 'refused' && one.failure.code !== null),
    );
    expect(counted.finished + counted.unknown).toBe(mayHaveArrived.length);
  },
);
