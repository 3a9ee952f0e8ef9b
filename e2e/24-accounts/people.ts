import { createHmac, randomUUID } from 'node:crypto';
import type { StackDescription } from '@mysmtp/local-stack';
import { eventually } from '@mysmtp/test-kit';
import { expect } from 'vitest';
import { call } from '../kit/api.ts';
import { headerOf, readMaildir } from '../kit/maildir.ts';

export const password = 'tandem with eleven gears';
const device = 'Chromium';

interface Answer<Body> {
  readonly status: number;
  readonly body: Body;
}
export interface Session {
  readonly token: string;
}
interface Begun {
  readonly challenge: string;
  readonly factors: readonly string[];
  readonly passkey: object;
}
export interface Person {
  readonly tenant: string;
  readonly address: string;
  /** That of the link in the mail. */
  readonly secret: string;
  /** A session that can only enrol. */
  readonly enrolling: string;
}

/** Somebody with a second factor. */
export interface Enrolled {
  /** The secret of the authenticator app. */
  readonly seed: string;
  /** A session. */
  readonly token: string;
  readonly recoveryCodes: string[];
}

/** RFC 6238, for a secret in base32. */
function codeOf(secret: string): string {
  const bits = Array.from(secret)
    .map((letter) =>
      'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'),
    )
    .join('');
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((octet) => Number.parseInt(octet, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const mac = createHmac('sha1', key).update(counter).digest();
  const code = mac.readUInt32BE((mac.at(-1) ?? 0) % 16) % 2 ** 31;
  return String(code % 1_000_000).padStart(6, '0');
}

/** People who use the API of identity and read their mail. */
export function peopleOf(description: () => StackDescription) {
  const post = <Body = Record<string, never>>(path: string, body?: unknown, token = 'none') =>
    call(`${description().api.identity}/v1/${path}`, token, { method: 'POST', body }) as Promise<
      Answer<Body>
    >;

  /** The secret of the link in the mail with this subject. */
  const secretFor = (address: string, subject: string): Promise<string> =>
    eventually(async () => {
      const mail = (await readMaildir(description().mx.maildir)).find(
        ({ deliveredTo, head }) => deliveredTo === address && headerOf(head, 'Subject') === subject,
      );
      const text = Buffer.from(String(mail?.body), 'base64').toString();
      const [, found] = /#([\w-]{43})/.exec(text) ?? [];
      if (found === undefined) throw new Error('No mail yet');
      return found;
    });

  return {
    post,
    secretFor,
    async signUp(address = `${randomUUID()}@example.net`): Promise<Person> {
      expect((await post('sign-ups', { address })).status).toBe(202);
      const secret = await secretFor(address, 'Please confirm your email address');
      const choice = { secret, tenant: 'Customer', password, device };
      const { body } = await post<Session & { tenant: string }>('sign-ups/finish', choice);
      return { address, secret, tenant: body.tenant, enrolling: body.token };
    },
    async signIn({ tenant, address }: Pick<Person, 'tenant' | 'address'>, as = password) {
      const begun = await post<Begun>('sign-ins', { tenant, address, password: as, device });
      expect(begun.status).toBe(200);
      return begun.body;
    },
    /** Enrols an authenticator app. */
    async enrol(enrolling: string): Promise<Enrolled> {
      const { body: setup } = await post<{ secret: string; challenge: string }>(
        'account/totp',
        undefined,
        enrolling,
      );
      const { status, body } = await post<{ session: Session; recoveryCodes: string[] }>(
        'account/totp/finish',
        { challenge: setup.challenge, code: codeOf(setup.secret) },
        enrolling,
      );
      expect(status).toBe(200);
      const { session, recoveryCodes } = body;
      return { seed: setup.secret, token: session.token, recoveryCodes };
    },
    finish: (challenge: string, factor: object) =>
      post<Session>('sign-ins/finish', { challenge, factor }),
  };
}
