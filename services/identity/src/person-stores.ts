import { operatorRealm, type ExportedAccount } from '@mysmtp/contracts';
import type { PersonOfOrder, PersonStores } from '@mysmtp/orders';
import { addressIndex } from '@mysmtp/seal';
import type { Tenants } from '@mysmtp/tenancy';
import type { PersonDocument } from './people/model.ts';
import type { Stores } from './stores.ts';

const isoOf = (time: number): string => new Date(time).toISOString();

/** A store of what belongs to an account. */
const ofAccount = <Record>(list: (tenant: string, account: string) => Promise<readonly Record[]>) =>
  async function* ({ tenant, account }: PersonOfOrder): AsyncGenerator<readonly Record[]> {
    if (account !== undefined) yield await list(tenant, account);
  };

/**
 * What identity has of a person: an account with the address in the team of the customer. What belongs to the account
 * is gathered only if the person has asked while signed in: it is no business of the customer.
 */
export function personStoresOf(
  deps: Pick<Stores, 'accounts' | 'notices' | 'tokens' | 'credentials'> & {
    readonly access: Pick<Tenants, 'run'>;
  },
): PersonStores {
  const { accounts, notices, tokens, credentials, access } = deps;
  const { people, sessions, challenges, factors } = accounts;

  async function factorsOf(person: PersonDocument) {
    const { totp, recoveryCodes } = person;
    const passkeys = await factors.listPasskeys(person);
    return {
      factors: [
        ...(totp === undefined
          ? []
          : [{ kind: 'totp' as const, label: null, addedAt: isoOf(totp.addedAt) }]),
        ...passkeys.map(({ label, addedAt }) => ({ kind: 'passkey' as const, label, addedAt })),
      ],
      recoveryCodes: recoveryCodes.length,
    };
  }

  async function exportedOf(
    person: PersonDocument,
    account: string | undefined,
  ): Promise<ExportedAccount> {
    const { id, address: email, name, role, createdAt: joinedAt } = await people.view(person);
    const common = { id, email, name, role, joinedAt };
    return id === account ? { ...common, ...(await factorsOf(person)) } : common;
  }

  return {
    gather: {
      async *'identity.people'({ tenant, person, account }) {
        const key = await access.run(tenant, 'read', (scope) => scope.key('index'));
        // The index of an account is that of the address in lower case, so it may be another one.
        for (const one of await people.list(tenant)) {
          const exported = await exportedOf(one, account);
          const isTheirs = exported.id === account || one.emailIndex === person;
          if (isTheirs || addressIndex(key, exported.email) === person) yield [exported];
        }
      },
      'identity.sessions': ofAccount(async (_tenant, account) =>
        (await sessions.list(account)).map(({ createdAt, usedAt, ...session }) => ({
          ...session,
          createdAt: isoOf(createdAt),
          usedAt: isoOf(usedAt),
        })),
      ),
      'identity.challenges': ofAccount(async (tenant, account) =>
        (await challenges.begunBy(tenant, account)).map(
          ({ id, kind, content, createdAt, expiresAt }) => ({
            id,
            kind,
            address: 'address' in content ? content.address : null,
            role: 'role' in content ? content.role : null,
            createdAt: isoOf(createdAt),
            expiresAt: isoOf(expiresAt),
          }),
        ),
      ),
      'identity.notices': ofAccount(async (tenant, account) => {
        const person = await people.find(tenant, account);
        if (person === undefined) return [];
        const waiting = await notices.waitingFor(tenant, await people.addressOf(person));
        return waiting.map((one) => ({ ...one, createdAt: isoOf(one.createdAt) }));
      }),
      'identity.tokens': ofAccount(async (tenant, id) => {
        const realm = tenant === operatorRealm ? null : tenant;
        const made = await tokens.listBy(realm, { kind: 'person', id });
        return made.map(({ id: key, name, label, scopes, createdAt, expiresAt, lastUsedAt }) => ({
          id: key,
          name: name ?? label,
          scopes,
          createdAt,
          expiresAt,
          lastUsedAt,
        }));
      }),
      'identity.credentials': ofAccount(async (tenant, id) => {
        const made = await credentials.listBy(tenant, { kind: 'person', id });
        return made.map(
          ({ id: credential, label, username, createdAt, expiresAt, lastUsedAt }) => ({
            id: credential,
            label,
            username: username ?? null,
            createdAt,
            expiresAt,
            lastUsedAt,
          }),
        );
      }),
    },
    mark: {},
  };
}
