import type { Role } from '@mysmtp/contracts';
import { openCollection } from '@mysmtp/service';
import { Schema, type Connection, type mongo } from 'mongoose';

/** The OpenID provider by which the people of a tenant may sign in. Its id is that of the tenant. */
export interface ProviderDocument {
  readonly _id: string;
  /** `ProviderSettings`, sealed as JSON. */
  readonly settings: string;
  /** Sealed. */
  readonly clientSecret: string;
  readonly changedAt: number;
}

/** The roles that a person without an invitation may get at the first sign-in. */
export const joinRoles = ['developer', 'reader'] as const satisfies readonly Role[];

export interface ProviderSettings {
  /** Issuer identifier (OpenID Connect Discovery 1.0, 2). */
  readonly issuer: string;
  readonly clientId: string;
  /** In A-label form. Only addresses in these domains, each a verified one of the tenant. */
  readonly domains: readonly string[];
  /** Role of a person without an account or an invitation; `null`: such a person is refused. */
  readonly joinAs: (typeof joinRoles)[number] | null;
  /** Whether a second factor at the provider counts as ours. */
  readonly acceptsFactor: boolean;
  /** Values of `acr` that stand for a second factor, beside `mfa` in `amr` (RFC 8176). */
  readonly factorContexts: readonly string[];
}

const required = (type: NumberConstructor | StringConstructor) => ({ type, required: true });

const schema = new Schema(
  {
    _id: required(String),
    settings: required(String),
    clientSecret: required(String),
    changedAt: required(Number),
  },
  { versionKey: false },
);

export async function openProviders(
  connection: Connection,
): Promise<mongo.Collection<ProviderDocument>> {
  const model = connection.model('SignInProvider', schema, 'signInProviders');
  await openCollection(model);
  return model.collection as unknown as mongo.Collection<ProviderDocument>;
}
