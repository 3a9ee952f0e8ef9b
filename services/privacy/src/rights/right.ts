import type { RequestKind } from '@mysmtp/api';

/** A request of one person to one tenant, as its right gets it. */
export interface PersonRequest {
  readonly id: string;
  readonly kind: RequestKind;
  readonly tenant: string;
  /** Blind index of the address under the index key of the tenant. */
  readonly person: string;
  readonly commitment: string;
  readonly receivedAt: Date;
  /** Opens the sealed address. */
  address(): Promise<string>;
  /** Of the request: a rectification has the new value. */
  details(): Promise<unknown>;
  /** Whether the tenant asks, not the person. */
  readonly byOwner: boolean;
  /** Id of the account of the person, who has asked while signed in. */
  readonly account: string | null;
  /** Whether the person knows that a restriction will be lifted. */
  readonly isPersonTold: boolean;
}

export interface RightProgress {
  readonly state: 'in_progress' | 'completed_live' | 'completed' | 'partial' | 'failed';
  readonly waitingFor: readonly string[];
  readonly receipts: readonly { readonly store: string; readonly jws: string }[];
  readonly certificate?: string;
  /** Id of the export bundle. */
  readonly download?: string;
  /** There was nothing that the right concerns, so no recipient is told. */
  readonly nothingDone?: boolean;
}

/** Idempotent; called again by the job until the state is final. */
export type Right = (request: PersonRequest) => Promise<RightProgress>;
