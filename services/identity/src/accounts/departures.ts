import { permissionsOf } from '@mysmtp/api';
import type { Actor, Role } from '@mysmtp/contracts';
import type { Challenges } from '../people/challenges.ts';
import type { People } from '../people/people.ts';
import type { Sessions } from '../people/sessions.ts';
import type { PeopleTelemetry } from '../people/telemetry.ts';
import type { Tokens } from '../tokens/tokens.ts';

/** What ends when a person leaves a realm, or may do less in it. */
export interface Departures {
  /** The account is deleted: its sessions, links, invitations and API keys end. */
  left(actor: Actor, realm: string, person: string): Promise<void>;
  /** The invitations and API keys that this role could not create end. */
  roleChanged(actor: Actor, realm: string, person: string, role: Role): Promise<void>;
  /** Ends the API keys of people who have left, if a process has stopped before it could. */
  sweep(): Promise<void>;
}

const job: Actor = { kind: 'job', id: 'expire-tokens' };

export function createDepartures(deps: {
  readonly people: Pick<People, 'existing'>;
  readonly sessions: Pick<Sessions, 'endAll'>;
  readonly challenges: Pick<Challenges, 'drop' | 'list' | 'take'>;
  readonly tokens: Pick<Tokens, 'creators' | 'revokeCreatedBy'>;
  readonly telemetry: Pick<PeopleTelemetry, 'invitationWithdrawn'>;
}): Departures {
  const { people, sessions, challenges, tokens, telemetry } = deps;

  /** Otherwise a person who must go could have invited another address of the own. */
  async function withdrawInvitationsBy(actor: Actor, realm: string, inviter: string) {
    for (const { id, tenant, content } of await challenges.list('invitation', { tenant: realm })) {
      if (content.by !== inviter || !(await challenges.take({ id, tenant }))) continue;
      telemetry.invitationWithdrawn(actor, realm, id);
    }
  }

  return {
    async left(actor, realm, person) {
      await sessions.endAll(person);
      await tokens.revokeCreatedBy(actor, person);
      await challenges.drop(person);
      await withdrawInvitationsBy(actor, realm, person);
    },
    async roleChanged(actor, realm, person, role) {
      const permissions = permissionsOf(role);
      if (!permissions.has('people:write')) await withdrawInvitationsBy(actor, realm, person);
      await tokens.revokeCreatedBy(actor, person, permissions);
    },
    async sweep() {
      const creators = await tokens.creators();
      const existing = await people.existing(creators);
      for (const person of creators) {
        if (!existing.has(person)) await tokens.revokeCreatedBy(job, person);
      }
    },
  };
}
