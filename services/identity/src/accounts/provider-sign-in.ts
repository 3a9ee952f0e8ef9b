import { randomUUID } from 'node:crypto';
import type { Actor } from '@mysmtp/contracts';
import type { Domains } from '../domains/domains.ts';
import type { PersonDocument } from '../people/model.ts';
import { hasFactor } from '../people/people.ts';
import type { NewSession } from '../people/sessions.ts';
import type { ProviderSettings } from '../providers/model.ts';
import { ProviderRefusedError, type Claims, type OpenId } from '../providers/open-id.ts';
import type { Providers } from '../providers/providers.ts';
import { NotNowError, NotThereError, WrongCredentialsError, type Parts } from './parts.ts';
import type { FactorRequest, SignIn } from './sign-in.ts';

/** What may be seen of the provider: not the secret of our client. */
export interface ProviderView extends ProviderSettings {
  /** The address of the console that must be registered at the provider. */
  readonly redirectUri: string;
}

/** Sign-in of a tenant's people by the OpenID provider of the tenant, in place of the password. */
export interface ProviderSignIn {
  /** Throws a `NotThereError` if the tenant has none. */
  view(tenant: string): Promise<ProviderView>;
  /**
   * Another issuer or client needs its secret, and ends what was known of people at the one before. Throws a
   * `NotNowError` for a domain that is not a verified one of the tenant or a missing secret, and a
   * `ProviderUnavailableError`.
   */
  configure(
    actor: Actor,
    tenant: string,
    settings: ProviderSettings,
    clientSecret?: string,
  ): Promise<ProviderView>;
  /** Throws a `NotThereError`. */
  remove(actor: Actor, tenant: string): Promise<void>;
  /** Where to send the browser. Throws a `NotThereError` or a `ProviderUnavailableError`. */
  begin(wish: { readonly tenant: string; readonly device: string }): Promise<{
    readonly challenge: string;
    readonly url: string;
    readonly expiresAt: number;
  }>;
  /**
   * `parameters`: the query with which the browser came back. Answers as `SignIn.withPassword` does. Throws a
   * `ProviderRefusedError`, a `WrongCredentialsError`, a `ThrottledError` or a `ProviderUnavailableError`.
   */
  finish(challenge: string, parameters: string, from: string): Promise<FactorRequest | NewSession>;
}

const domainOf = (address: string): string =>
  address.slice(address.lastIndexOf('@') + 1).toLowerCase();

const belongsToAnother = () =>
  new ProviderRefusedError(
    'The account with this address belongs to another person at the provider',
  );

export function createProviderSignIn(
  parts: Pick<Parts, 'people' | 'challenges' | 'throttle' | 'telemetry'> & {
    readonly providers: Providers;
    readonly openId: OpenId;
    readonly redirectUri: string;
    readonly domains: Pick<Domains, 'list'>;
    readonly signIn: Pick<SignIn, 'afterFirst' | 'withoutOurs'>;
  },
): ProviderSignIn {
  const { people, challenges, throttle, telemetry } = parts;
  const { providers, openId, redirectUri, domains, signIn } = parts;

  async function verifiedOf(tenant: string): Promise<ReadonlySet<string>> {
    const own = await domains.list(tenant);
    return new Set(own.flatMap(({ name, status }) => (status === 'unverified' ? [] : name)));
  }

  async function settingsOf(tenant: string): Promise<ProviderSettings> {
    const settings = await providers.find(tenant);
    if (settings === undefined) throw new NotThereError();
    return settings;
  }

  /** With the secret of our client. */
  async function clientOf(tenant: string) {
    const clientSecret = await providers.secretOf(tenant);
    if (clientSecret === undefined) throw new NotThereError();
    return { ...(await settingsOf(tenant)), clientSecret };
  }

  /** The account of an invited person, or a new one with the role that the tenant allows. */
  async function join(
    tenant: string,
    { issuer, joinAs }: ProviderSettings,
    { address, subject }: Claims,
  ): Promise<PersonDocument> {
    const invited = (await challenges.list('invitation', { tenant })).find(
      // An owner proves the address by the link.
      ({ content }) =>
        content.role !== 'owner' && content.address.toLowerCase() === address.toLowerCase(),
    );
    const role = invited?.content.role ?? joinAs;
    if (role === null) {
      throw new ProviderRefusedError('No account and no invitation has this address');
    }
    const id = invited?.content.person ?? randomUUID();
    const person = await people.add({ id, tenant, role, address, provider: { issuer, subject } });
    telemetry.personAdded(tenant, id);
    if (invited !== undefined) await challenges.take(invited);
    return person;
  }

  /**
   * The account of a person at the provider: the one that signed in as this subject before, else the one with
   * this address that no other subject has.
   */
  async function personOf(tenant: string, provider: ProviderSettings, claims: Claims) {
    const { issuer } = provider;
    const { subject, address } = claims;
    const known = await people.findBySubject(tenant, { issuer, subject });
    if (known !== undefined) return { person: known, isKnown: true };
    const found = await people.findByAddress(tenant, address);
    if (found?.providerSubject !== undefined) throw belongsToAnother();
    return { person: found ?? (await join(tenant, provider, claims)), isKnown: false };
  }

  return {
    async view(tenant) {
      return { ...(await settingsOf(tenant)), redirectUri };
    },
    async configure(actor, tenant, settings, clientSecret) {
      const verified = await verifiedOf(tenant);
      if (!settings.domains.every((name) => verified.has(name))) {
        throw new NotNowError('Each domain must be a verified domain of the tenant');
      }
      const before = await providers.find(tenant);
      const isSame = before?.issuer === settings.issuer && before.clientId === settings.clientId;
      const secret = clientSecret ?? (isSame ? await providers.secretOf(tenant) : undefined);
      // The stored secret is not sent to another issuer.
      if (secret === undefined) throw new NotNowError('This issuer and client need their secret');
      await openId.check({ ...settings, clientSecret: secret });
      if (!isSame) await people.forgetSubjects(tenant);
      await providers.set(tenant, settings, secret);
      telemetry.providerChanged(actor, tenant, 'configured');
      return { ...settings, redirectUri };
    },
    async remove(actor, tenant) {
      if (!(await providers.remove(tenant))) throw new NotThereError();
      await people.forgetSubjects(tenant);
      telemetry.providerChanged(actor, tenant, 'removed');
    },
    async begin({ tenant, device }) {
      const provider = await clientOf(tenant);
      const { url, ...begun } = await openId.begin(provider);
      const { secret, expiresAt } = await challenges.issue(
        'provider',
        { tenant },
        { ...begun, device, issuer: provider.issuer },
      );
      return { challenge: secret, url, expiresAt };
    },
    async finish(secret, parameters, from) {
      return throttle.guard({ address: from }, async () => {
        const challenge = await challenges.find('provider', secret);
        if (challenge === undefined || !(await challenges.take(challenge))) {
          throw new WrongCredentialsError();
        }
        const { tenant, content } = challenge;
        const provider = await clientOf(tenant);
        if (provider.issuer !== content.issuer) throw new WrongCredentialsError();
        const claims = await openId.finish(provider, content, parameters);
        const domain = domainOf(claims.address);
        if (!provider.domains.includes(domain) || !(await verifiedOf(tenant)).has(domain)) {
          throw new ProviderRefusedError(
            'Addresses of this domain do not sign in by this provider',
          );
        }
        const { person, isKnown } = await personOf(tenant, provider, claims);
        const { device } = content;
        const { factorAt, subject } = claims;
        const of = { issuer: provider.issuer, subject };
        // Whoever controls the provider does not get into an account that has a factor of its own. An owner
        // always has one.
        const isFirst = !isKnown && hasFactor(person);
        if (factorAt !== undefined && person.role !== 'owner' && !isFirst) {
          if (!(await people.bindSubject(person, of))) throw belongsToAnother();
          return signIn.withoutOurs(person, { device, from, factorAt });
        }
        return signIn.afterFirst(person, device, of);
      });
    },
  };
}
