import { openCollection } from '@mysmtp/service';
import type { BareScope, Tenants } from '@mysmtp/tenancy';
import { Schema, type Connection, type Model } from 'mongoose';
import type { Sealing } from '../tenants/sealing.ts';

/** How requests that come by the public page or by letter are handled for a tenant. */
export interface Policy {
  readonly mode: 'act_at_once' | 'wait';
  readonly days: number;
  /** What the person learns about the tenant; `null`: nothing. */
  readonly disclosedAs: string | null;
}

/** The tenant is the controller: it gets a week to look at a request, and the law is kept in any case. */
const usual: Policy = { mode: 'wait', days: 7, disclosedAs: null };

interface PolicyDocument {
  /** Id of the tenant. */
  readonly _id: string;
  readonly mode: Policy['mode'];
  readonly days: number;
  /** Sealed under the account key of the tenant. */
  readonly disclosedAs: string | null;
}

const schema = new Schema<PolicyDocument>(
  {
    _id: { type: String, required: true },
    mode: { type: String, required: true, enum: ['act_at_once', 'wait'] },
    days: { type: Number, required: true },
    disclosedAs: { type: String, default: null },
  },
  { versionKey: false },
);

export interface Policies {
  of(tenant: string): Promise<Policy>;
  set(tenant: string, policy: Policy): Promise<void>;
  /** The canary of an erasure: the policy of the tenant, if it has none. */
  plant(tenant: string): Promise<void>;
  purge(tenant: string): Promise<number>;
}

export async function openPolicyModel(connection: Connection): Promise<Model<PolicyDocument>> {
  const model = connection.model<PolicyDocument>('RequestPolicy', schema, 'requestPolicies');
  await openCollection(model);
  return model;
}

const record = (tenant: string) => `requestPolicies:${tenant}`;

export async function openPolicies(
  connection: Connection,
  deps: { readonly sealing: Sealing; readonly access: Pick<Tenants<BareScope>, 'run'> },
): Promise<Policies> {
  const model = await openPolicyModel(connection);
  const { sealing, access } = deps;
  return {
    async of(tenant) {
      const found = await model.findById(tenant).lean();
      if (found === null) return usual;
      const { mode, days, disclosedAs } = found;
      const opened =
        disclosedAs === null
          ? null
          : String(await sealing.open(tenant, record(tenant), disclosedAs));
      return { mode, days, disclosedAs: opened };
    },
    set: (tenant, { mode, days, disclosedAs }) =>
      access.run(tenant, 'write', async () => {
        const sealed =
          disclosedAs === null ? null : await sealing.seal(tenant, record(tenant), disclosedAs);
        await model.updateOne(
          { _id: tenant },
          { mode, days, disclosedAs: sealed },
          { upsert: true },
        );
      }),
    plant: (tenant) =>
      access.run(tenant, 'write', async () => {
        const { mode, days } = usual;
        const policy = { mode, days, disclosedAs: null };
        await model.updateOne({ _id: tenant }, { $setOnInsert: policy }, { upsert: true });
      }),
    purge: async (tenant) => (await model.deleteMany({ _id: tenant })).deletedCount,
  };
}
