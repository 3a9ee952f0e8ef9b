import type {
  AccountCorrection,
  accountCorrections,
  WaitingRequestNotice,
} from '@mysmtp/contracts';
import { challengeLifetime } from '../people/challenges.ts';
import type { Parts } from './parts.ts';
import { realmOfPerson } from './sign-in.ts';

type Correction = (typeof accountCorrections)[number];

/** Rights of a person with an account that were requested from privacy (GDPR Art. 16, 17). */
export interface AccountRights {
  /** Idempotent. A new address is in force when its owner has used the link that it is sent. */
  correct(correction: AccountCorrection): Promise<Correction>;
  /** Idempotent. `owner`: the ownership must be transferred before. */
  close(realm: string, person: string): Promise<'closed' | 'owner'>;
  /**
   * Tells the address of the account, and each former one that can still undo its change, that a request made in
   * a session of the account waits.
   */
  noticeWaiting(notice: WaitingRequestNotice): Promise<void>;
}

/** A link is valid for a day. Afterwards the request is not confirmed, and no other link is sent for it. */
const linkPatience = challengeLifetime.email;

const actor = { kind: 'service', id: 'privacy' } as const;

export function createAccountRights(parts: Parts): AccountRights {
  const { people, challenges, departures, notices, throttle, link, clock, telemetry } = parts;

  return {
    async correct({ realm, address, since, newAddress, newName }) {
      const known = await people.findByAddress(realm, address);
      const corrected =
        newAddress === undefined ? known : await people.findByAddress(realm, newAddress);
      if (known === undefined) return corrected === undefined ? 'none' : 'corrected';
      const { tenant, _id } = known;
      if (newName !== undefined && (await people.view(known)).name !== newName) {
        await people.setName(known, newName);
        telemetry.personChanged(actor, tenant, _id, 'name');
      }
      if (newAddress === undefined) return 'corrected';
      if (corrected !== undefined) return corrected._id === _id ? 'corrected' : 'taken';
      const sent = await challenges.list('email', { tenant, person: _id });
      if (sent.some(({ createdAt }) => createdAt >= since)) return 'waits';
      if (clock.now() - since > linkPatience) return 'expired';
      const throttled = throttle.countMail(newAddress);
      if (throttled !== undefined) return 'waits';
      await challenges.drop(_id, ['email']);
      const content = { address: newAddress };
      const { secret, expiresAt } = await challenges.issue(
        'email',
        { tenant, person: _id },
        content,
      );
      await notices.send(realmOfPerson(known), newAddress, 'email-verification', {
        link: link('email', secret),
        until: expiresAt,
      });
      return 'waits';
    },
    async close(realm, person) {
      const found = await people.find(realm, person);
      if (found === undefined) return 'closed';
      if (!(await people.remove(realm, person))) return 'owner';
      await departures.left(actor, realm, person);
      telemetry.personRemoved(actor, realm, person);
      return 'closed';
    },
    async noticeWaiting({ realm, person, kind, actsAt: acts }) {
      const found = await people.find(realm, person);
      if (found === undefined) return;
      const [tenant, at] = [realmOfPerson(found), clock.now()];
      const own = await people.addressOf(found);
      await notices.send(tenant, own, 'request-waits', { at, kind, acts });
      const former = new Map(
        (await challenges.list('email-undo', { tenant: realm, person })).map(
          ({ content, expiresAt }) => [content.address, expiresAt],
        ),
      );
      for (const [address, until] of former) {
        if (address === own) continue;
        const values = { at, kind, acts, until };
        await notices.send(tenant, address, 'request-waits-former', values);
      }
    },
  };
}
