import type { Publisher } from '@mysmtp/broker';
import type { Registry } from '@mysmtp/contracts';
import type { Receipts } from '@mysmtp/erasure';
import type { Logger } from '@mysmtp/log';
import type { Clock } from '@mysmtp/service';
import type { Signed } from '@mysmtp/signed';
import type { Members } from '@mysmtp/tenancy';
import type { Model } from 'mongoose';
import type { CertificateSigner } from '../certificates/signer.ts';
import type { Roots } from '../keyring/roots.ts';
import type { TenantDocument } from '../tenants/tenant.ts';
import type { Verifier } from '../verifier/verifier.ts';
import type { Answers } from './answers.ts';
import type { ErasureDocument, Ledger, Step } from './ledger.ts';

/** All that the steps of an erasure need. */
export interface SagaMeans {
  readonly ledger: Ledger;
  readonly answers: Answers;
  readonly tenants: Model<TenantDocument>;
  readonly roots: Roots;
  /** Of all services. */
  readonly members: Members;
  readonly verifier: Verifier;
  readonly publisher: Publisher;
  readonly signed: Signed;
  readonly receipts: Receipts;
  readonly certificates: CertificateSigner;
  readonly registry: Registry;
  readonly clock: Clock;
  readonly log: Logger;
  /** How long the others may take to answer before the erasure counts as partial. Milliseconds. */
  readonly patience: number;
  /** After how long a command is sent again the first time. Milliseconds. */
  readonly resend: number;
  /** How often a service reports the progress of a long purge. Milliseconds. */
  readonly progressEvery: number;
}

/**
 * What came of a turn: nothing to do but to wait for these (stores, processes), or the step is done,
 * and what of the entry changes with the next one. `refused` is what waiting alone does not bring: the
 * erasure is partial at once.
 */
export type Turn =
  | { readonly waitingFor: readonly string[]; readonly refused?: readonly string[] }
  | { readonly next: Step; readonly changes?: Partial<ErasureDocument> };
