import { z } from 'zod';
import { commitmentOf } from './commitment.ts';

/**
 * The subject of an erasure. Each kind is a member of its own and never an optional field of another. The
 * reason: a reader removes unknown fields, and without a field `person` it would erase the whole tenant.
 * An unknown kind makes the whole message unreadable (docs/decisions/erasure.md).
 */
export const Subject = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('tenant'), tenant: z.string().min(1) }),
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

export const commitmentTo = (subject: Subject, nonce: string): CommittedSubject => ({
  kind: subject.kind,
  commitment: bySubject(subject, { tenant: ({ tenant }) => commitmentOf(nonce, tenant) }),
});
