import type { AccountPrincipal, accountsApi, PersonPrincipal } from '@mysmtp/api';
import { operatorRealm, operatorRoles, tenantRoles, type Role } from '@mysmtp/contracts';
import { problems, type Handlers } from '@mysmtp/http';
import { NotThereError } from '../accounts/parts.ts';
import type { FactorRequest } from '../accounts/sign-in.ts';
import type { Registered } from '../accounts/registration.ts';
import type { Enrolled } from '../accounts/enrolment.ts';
import type { NewSession } from '../people/sessions.ts';
import type { Stores } from '../stores.ts';
import { refuseLimitedKey } from './access.ts';

/** Only a person has an account. For an API key these routes are not there. */
function personOf(principal: AccountPrincipal): PersonPrincipal {
  if (principal.kind !== 'person') throw problems.notFound();
  return principal;
}

/** The tenant of a principal; of an operator the operators' realm. */
const realmOf = ({ tenant }: AccountPrincipal): string => tenant ?? operatorRealm;

function checkRole(realm: string, role: Role): void {
  const own: readonly Role[] = realm === operatorRealm ? operatorRoles : tenantRoles;
  if (!own.includes(role)) {
    throw problems.invalid([{ path: 'role', message: `must be one of ${own.join(', ')}` }]);
  }
}

const time = (at: number): string => new Date(at).toISOString();

export const shown = <Shown extends { readonly expiresAt: number }>(of: Shown) => ({
  ...of,
  expiresAt: time(of.expiresAt),
});
const shownEnrolled = ({ recoveryCodes, session }: Enrolled) => ({
  recoveryCodes: recoveryCodes === null ? null : [...recoveryCodes],
  session: session === null ? null : shown(session),
});
export const shownRequest = (request: FactorRequest) => ({
  ...shown(request),
  factors: [...request.factors],
  passkey: request.passkey === null ? null : { ...request.passkey },
});

export function accountRoutes(stores: Stores): Handlers<typeof accountsApi> {
  const { accounts, tenants } = stores;
  const { registration, signIn, enrolment, account, team, sessions, throttle } = accounts;

  /** Names no account: the secret of a link has 256 bits, so only the network counts. */
  const byStranger = <Result>(address: string, work: () => Promise<Result>) =>
    throttle.guard({ address }, work);

  async function view(principal: PersonPrincipal) {
    const { passkeys, ...rest } = await account.view(principal);
    return { ...rest, passkeys: [...passkeys], session: principal.session };
  }

  return {
    async signUp({ body, clientAddress }) {
      await byStranger(clientAddress, () => registration.signUp(body.address, clientAddress));
      return { status: 202 };
    },
    async finishSignUp({ body: { secret, ...choice }, clientAddress }) {
      const made: Registered = await byStranger(clientAddress, () =>
        registration.finishSignUp(secret, choice),
      );
      return { status: 201, body: shown(made) };
    },
    async signIn({ body, clientAddress: from }) {
      const answer: FactorRequest | NewSession = await signIn.withPassword({ ...body, from });
      return { status: 200, body: 'token' in answer ? shown(answer) : shownRequest(answer) };
    },
    async finishSignIn({ body: { challenge, factor }, clientAddress }) {
      const opened = await signIn.withFactor(challenge, factor, clientAddress);
      return { status: 201, body: shown(opened) };
    },
    async requestReset({ body: { tenant, address }, clientAddress }) {
      await byStranger(clientAddress, () => {
        void account.requestReset(tenant, address);
        return Promise.resolve();
      });
      return { status: 202 };
    },
    async finishReset({ body: { secret, password }, clientAddress }) {
      await byStranger(clientAddress, () => account.reset(secret, password));
      return { status: 204 };
    },
    async acceptInvitation({ body: { secret, ...choice }, clientAddress }) {
      const made: Registered = await byStranger(clientAddress, () =>
        registration.accept(secret, choice),
      );
      return { status: 201, body: shown(made) };
    },
    async confirmAddress({ body: { secret }, clientAddress }) {
      await byStranger(clientAddress, () => account.confirmAddress(secret));
      return { status: 204 };
    },
    async undoAddress({ body: { secret }, clientAddress }) {
      await byStranger(clientAddress, () => account.undoAddress(secret));
      return { status: 204 };
    },
    async requestLostFactor({ body: { challenge }, clientAddress }) {
      await byStranger(clientAddress, () => team.requestLostFactor(challenge));
      return { status: 202 };
    },
    async cancelLostFactor({ body: { secret }, clientAddress }) {
      await byStranger(clientAddress, () => team.cancelLostFactor(secret));
      return { status: 204 };
    },
    readAccount: async ({ principal }) => ({ status: 200, body: await view(personOf(principal)) }),
    async changeAccount({ principal, body: { name } }) {
      const person = personOf(principal);
      await account.setName(person, name);
      return { status: 200, body: await view(person) };
    },
    async leave({ principal }) {
      await account.leave(personOf(principal));
      return { status: 204 };
    },
    async changePassword({ principal, body, clientAddress: from }) {
      await account.changePassword(personOf(principal), { ...body, from });
      return { status: 204 };
    },
    async changeAddress({ principal, body: { address } }) {
      await account.changeAddress(personOf(principal), address);
      return { status: 202 };
    },
    async listSessions({ principal }) {
      const { id: person, session } = personOf(principal);
      const open = (await sessions.list(person)).map(({ createdAt, usedAt, ...rest }) => ({
        ...rest,
        createdAt: time(createdAt),
        usedAt: time(usedAt),
        current: rest.id === session,
      }));
      return { status: 200, body: { sessions: open } };
    },
    async endSessions({ principal }) {
      await sessions.endAll(personOf(principal).id);
      return { status: 204 };
    },
    async endSession({ principal, params }) {
      const { id: person } = personOf(principal);
      if (!(await sessions.end(person, params.id))) {
        throw new NotThereError(await sessions.isForeign(person, params.id));
      }
      return { status: 204 };
    },
    async beginStepUp({ principal }) {
      const request = await signIn.beginStepUp(personOf(principal));
      return { status: 201, body: shownRequest(request) };
    },
    async finishStepUp({ principal, body: { challenge, factor }, clientAddress }) {
      await signIn.stepUp(personOf(principal), challenge, factor, clientAddress);
      return { status: 204 };
    },
    async beginTotp({ principal }) {
      return { status: 201, body: await enrolment.beginTotp(personOf(principal)) };
    },
    async finishTotp({ principal, body: { challenge, code }, clientAddress }) {
      const done = await enrolment.finishTotp(personOf(principal), challenge, code, clientAddress);
      return { status: 200, body: shownEnrolled(done) };
    },
    async removeTotp({ principal }) {
      await enrolment.removeTotp(personOf(principal));
      return { status: 204 };
    },
    async beginPasskey({ principal }) {
      const { options, challenge } = await enrolment.beginPasskey(personOf(principal));
      return { status: 201, body: { challenge, options: { ...options } } };
    },
    async finishPasskey({
      principal,
      body: { challenge, passkey: response, label },
      clientAddress,
    }) {
      const passkey = { response, label };
      const done = await enrolment.finishPasskey(
        personOf(principal),
        challenge,
        passkey,
        clientAddress,
      );
      return { status: 200, body: shownEnrolled(done) };
    },
    async removePasskey({ principal, params: { id } }) {
      await enrolment.removePasskey(personOf(principal), id);
      return { status: 204 };
    },
    async renewRecoveryCodes({ principal }) {
      const codes = await enrolment.renewRecoveryCodes(personOf(principal));
      return { status: 201, body: { recoveryCodes: [...codes] } };
    },
    async listPeople({ principal }) {
      return { status: 200, body: { people: await team.list(realmOf(principal)) } };
    },
    async changePerson({ principal, params: { id }, body: { role } }) {
      await refuseLimitedKey(stores, principal);
      const realm = realmOf(principal);
      checkRole(realm, role);
      if (role === 'owner') {
        throw problems.invalid([{ path: 'role', message: 'The owner transfers the ownership' }]);
      }
      return { status: 200, body: await team.setRole(principal, realm, id, role) };
    },
    async removePerson({ principal, params: { id } }) {
      await team.remove(principal, realmOf(principal), id);
      return { status: 204 };
    },
    async transferOwnership({ principal, body: { person } }) {
      const { tenant } = principal;
      await team.transfer(principal, tenant, personOf(principal).id, person);
      return { status: 204 };
    },
    async listInvitations({ principal }) {
      const invitations = await registration.listInvitations(realmOf(principal));
      return { status: 200, body: { invitations } };
    },
    async invite({ principal, body }) {
      await refuseLimitedKey(stores, principal);
      const realm = realmOf(principal);
      checkRole(realm, body.role);
      if (body.role === 'owner' && !principal.permissions.has('ownership:transfer')) {
        throw problems.hidden('permission');
      }
      return { status: 201, body: await registration.invite(principal, realm, body) };
    },
    async withdrawInvitation({ principal, params: { id } }) {
      await registration.withdraw(principal, realmOf(principal), id);
      return { status: 204 };
    },
    async listLostFactors({ principal }) {
      const lostFactors = await team.listLostFactors(realmOf(principal));
      return { status: 200, body: { lostFactors } };
    },
    async approveLostFactor({ principal, params: { id } }) {
      await refuseLimitedKey(stores, principal);
      const approved = await team.approveLostFactor(principal, realmOf(principal), id);
      return { status: 200, body: approved };
    },
    async refuseLostFactor({ principal, params: { id } }) {
      await team.refuseLostFactor(principal, realmOf(principal), id);
      return { status: 204 };
    },
    async approveLostFactorOfTenant({ principal, params: { id, request } }) {
      await refuseLimitedKey(stores, principal);
      // Not of the operators' own realm, where only people with people:write approve.
      if (!(await tenants.exists(id))) throw problems.notFound();
      return { status: 200, body: await team.approveLostFactor(principal, id, request) };
    },
  };
}
