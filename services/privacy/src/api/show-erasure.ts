import { Id, reader, Receipt } from '@mysmtp/contracts';
import { operators, problems, route, type Route } from '@mysmtp/http';
import { decodeJwt } from 'jose';
import { z } from 'zod';
import type { Answers, StoredReceipt } from '../erasures/answers.ts';
import { stateOf, steps, type Ledger } from '../erasures/ledger.ts';

const Time = z.iso.datetime();

const Erasure = z.strictObject({
  id: z.string(),
  state: z.enum([...steps, 'partial', 'failed']),
  /** How far it is, also while it is partial or failed. */
  step: z.enum(steps),
  requestedAt: Time,
  since: Time,
  /** What is waited for longer than it may take. */
  missing: z.array(z.string()),
  /** Where something was found after the purge. */
  leftovers: z.array(z.string()),
  receipts: z.array(Receipt.extend({ jws: z.string() })),
  certificate: z.string().nullable(),
  completedAt: Time.nullable(),
});

export function showErasureRoute(means: { ledger: Ledger; answers: Answers }): Route {
  const { ledger, answers } = means;
  return route({
    method: 'get',
    path: '/v1/erasures/{id}',
    summary: 'How far an erasure is: its state, the receipts, and at the end the certificate',
    access: operators,
    params: z.strictObject({ id: Id }),
    replies: { 200: Erasure },
    async handle({ params: { id } }) {
      const entry = await ledger.findById(id).lean();
      if (entry === null) throw problems.notFound();
      const body: z.infer<typeof Erasure> = {
        id,
        state: stateOf(entry),
        step: entry.step,
        requestedAt: entry.requestedAt.toISOString(),
        since: entry.since.toISOString(),
        missing: [...entry.silent],
        leftovers: [...entry.leftovers],
        receipts: (await answers.receipts(id)).map(read),
        certificate: entry.certificate,
        completedAt: entry.completedAt?.toISOString() ?? null,
      };
      return { body };
    },
  });
}

const read = ({ jws }: StoredReceipt) => ({ ...reader(Receipt).parse(decodeJwt(jws)), jws });
