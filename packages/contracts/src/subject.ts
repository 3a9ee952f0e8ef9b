import { z } from 'zod';
import { commitmentOf, commitmentForm } from './commitment.ts';

/**
 * The subject of an erasure. Each kind is a member of its own and never an optional field of another. The
 * reason: a reader removes unknown fields, and without a field `person` it would erase the whole tenant.
 * An unknown kind makes the whole message unreadable (docs/decisions/erasure.md).
 */
export const Subject = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('tenant'), tenant: z.string().min(1) }),
  /** One address in the data of one tenant. `person`: its blind index (packages/seal), never the address. */
  z.strictObject({
    kind: z.literal('person'),
    tenant: z.string().min(1),
    person: z.string().min(1),
  }),
]);
export type Subject = z.infer<typeof Subject>;

export type SubjectKind = Subject['kind'];
export type SubjectOf<Kind extends SubjectKind> = Extract<Subject, { readonly kind: Kind }>;

export const subjectKinds = Subject.options.map(({ shape }) => shape.kind.value);

/** A function for each kind. If a kind is added, every use without it is a type error. */
export type BySubject<Result, Any extends { readonly kind: string } = Subject> = {
  readonly [Kind in Any['kind']]: (subject: Extract<Any, { readonly kind: Kind }>) => Result;
};

export function bySubject<Result>(subject: Subject, cases: BySubject<Result>): Result {
  const choose = <Kind extends SubjectKind>(kind: Kind, of: SubjectOf<Kind>): Result =>
    cases[kind](of);
  return choose(subject.kind, subject);
}

/** The subject in receipts and certificates. It contains no personal data and may be published. */
export const CommittedSubject = z.strictObject({
  kind: z.enum(subjectKinds),
  /** Only the holder of the nonce can show the subject: `commitmentTo`. */
  commitment: z.string(),
});
export type CommittedSubject = z.infer<typeof CommittedSubject>;

/**
 * What the commitment to a subject is made from: a value that its requester has. A person has an address,
 * and no blind index. So the commitment to a person is made from the address.
 */
export type NamedSubject =
  | { readonly kind: 'tenant'; readonly tenant: string }
  | { readonly kind: 'person'; readonly address: string };

export const commitmentTo = (named: NamedSubject, nonce: string): CommittedSubject => ({
  kind: named.kind,
  commitment: commitmentOf(
    nonce,
    named.kind === 'tenant' ? named.tenant : commitmentForm(named.address),
  ),
});
