import { z } from 'zod';
import { commitmentOf } from './commitment.ts';

/**
 * Whom an erasure is about. Each kind is a member of its own and never an optional field of another: a
 * reader leaves out fields that it does not know, and without its field `person` a tenant would be
 * erased as a whole. A kind that a reader does not know makes the whole message unreadable
 * (docs/decisions/erasure.md).
 */
export const Subject = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('tenant'), tenant: z.string().min(1) }),
]);
export type Subject = z.infer<typeof Subject>;

export type SubjectKind = Subject['kind'];
export type SubjectOf<Kind extends SubjectKind> = Extract<Subject, { readonly kind: Kind }>;

export const subjectKinds = Subject.options.map(({ shape }) => shape.kind.value);

/** What is to be done for each kind. With one kind more it is an error of types wherever it is written. */
export type BySubject<Result, Any extends { readonly kind: string } = Subject> = {
  readonly [Kind in Any['kind']]: (subject: Extract<Any, { readonly kind: Kind }>) => Result;
};

export function bySubject<Result>(subject: Subject, cases: BySubject<Result>): Result {
  const choose = <Kind extends SubjectKind>(kind: Kind, of: SubjectOf<Kind>): Result =>
    cases[kind](of);
  return choose(subject.kind, subject);
}

/** What receipts and certificates say of a subject. It names nobody, so it may be shown to anybody. */
export const CommittedSubject = z.strictObject({
  kind: z.enum(subjectKinds),
  /** Only who has the nonce can show whom it is about: `commitmentTo`. */
  commitment: z.string(),
});
export type CommittedSubject = z.infer<typeof CommittedSubject>;

export const commitmentTo = (subject: Subject, nonce: string): CommittedSubject => ({
  kind: subject.kind,
  commitment: bySubject(subject, { tenant: ({ tenant }) => commitmentOf(nonce, tenant) }),
});
