import type { Publisher } from '@mysmtp/broker';
import type { Registry } from '@mysmtp/contracts';
import type { Receipts } from '@mysmtp/erasure';
import type { Logger } from '@mysmtp/log';
import type { Clock } from '@mysmtp/service';
import type { Signed } from '@mysmtp/signed';
import type { Members } from '@mysmtp/tenancy';
import type { Model } from 'mongoose';
import type { CertificateSigner } from '../certificates/signer.ts';
import type { OperatorFacts } from '../documents/operator.ts';
import type { Roots } from '../keyring/roots.ts';
import type { PersonOf } from '../tenants/person-of.ts';
import type { TenantDocument } from '../tenants/tenant.ts';
import type { Verifier } from '../verifier/verifier.ts';
import type { Answers } from './answers.ts';
import type { ErasureDocument, Ledger, Step } from './ledger.ts';
import type { VerifiedReceipts } from './valid-receipts.ts';

/** Dependencies of the steps of an erasure. */
export interface SagaDeps {
  readonly ledger: Ledger;
  readonly answers: Answers;
  readonly verified: VerifiedReceipts;
  readonly tenants: Model<TenantDocument>;
  readonly personOf: PersonOf;
  readonly roots: Roots;
  /** The processes of all services. */
  readonly members: Members;
  readonly verifier: Verifier;
  readonly publisher: Publisher;
  readonly signed: Signed;
  readonly receipts: Receipts;
  readonly certificates: CertificateSigner;
  readonly registry: Registry;
  readonly facts: Pick<OperatorFacts, 'subProcessors'>;
  readonly clock: Clock;
  readonly log: Logger;
  /** How long services may take to answer before the erasure counts as partial. Milliseconds. */
  readonly patience: number;
  /** Pause before a command is sent again the first time. Milliseconds. */
  readonly resend: number;
  /** How often a service reports the progress of a long purge. Milliseconds. */
  readonly progressEvery: number;
}

/**
 * Result of a turn. Either the step waits for these stores and processes, or it is done and the entry
 * changes as given. `refused` lists conditions that waiting alone does not meet: the erasure is partial
 * at once.
 */
export type Turn =
  | { readonly waitingFor: readonly string[]; readonly refused?: readonly string[] }
  | { readonly next: Step; readonly changes?: Partial<ErasureDocument> };
