import { randomBytes } from 'node:crypto';
import { privacyApi } from '@mysmtp/api';
import { commitmentOf, day, operatorRealm } from '@mysmtp/contracts';
import type { Clock } from '@mysmtp/service';
import type { OperatorFacts } from '../documents/operator.ts';
import type { Mails } from '../mails/outbox.ts';
import { challengeMail } from '../mails/texts.ts';
import type { Sealing } from '../tenants/sealing.ts';
import { challengeLifetime } from './clocks.ts';
import { hashOf, newNonce, type NewRequests, type Requests } from './ledger.ts';
import type { RequestDocument } from './model.ts';

/** Mails to one address in a day, however many requests there are. */
const mailsPerAddress = 3;

export interface Confirmed {
  readonly id: string;
  /** Shows the state of the request. */
  readonly secret: string;
  readonly nonce: string;
}

/** Shows that who requests a right can read the mail to the address. */
export interface Challenges {
  /**
   * Adds a request and sends a mail to its address. Nothing is looked up about the address, so the work is the
   * same whether we know it or not. Above the limit for an address no mail is sent, and the answer does not show that.
   */
  begin(
    request: Omit<NewRequests, 'addresses' | 'tenant' | 'challenge'> & { readonly address: string },
  ): Promise<string>;
  /** Sends another code; the former one is not valid any more. */
  send(request: RequestDocument): Promise<void>;
  /** By the code, once and in time. */
  confirm(code: string): Promise<Confirmed | undefined>;
  /** A human has seen who the person is. */
  identify(
    request: RequestDocument,
    entry: { readonly by: string; readonly reason: string },
  ): Promise<RequestDocument | undefined>;
  find(secret: string): Promise<RequestDocument | undefined>;
}

export function createChallenges(deps: {
  readonly requests: Requests;
  readonly mails: Pick<Mails, 'keep'>;
  readonly sealing: Pick<Sealing, 'sealer'>;
  readonly facts: Pick<OperatorFacts, 'privacyUrl'>;
  readonly clock: Clock;
}): Challenges {
  const { requests, mails, sealing, facts, clock } = deps;

  /** 128 bits. */
  function newCode() {
    const code = randomBytes(16).toString('base64url');
    return { code, hash: hashOf(code), until: new Date(clock.now() + challengeLifetime) };
  }

  function mailOf(
    { kind, language }: Pick<RequestDocument, 'kind'> & { readonly language: 'en' | 'de' },
    { code, until }: ReturnType<typeof newCode>,
  ) {
    const link = new URL(privacyApi.showConfirmation.path, facts.privacyUrl);
    link.searchParams.set('language', language);
    link.searchParams.set('code', code);
    return challengeMail(language, { kind, link: link.href, code, until });
  }

  async function isBelowBound(address: string, id: string): Promise<boolean> {
    const person = (await sealing.sealer(operatorRealm)).index(address);
    const receivedAt = { $gt: new Date(clock.now() - day) };
    const others = await requests.model
      .find({ tenant: null, person, receivedAt, _id: { $ne: id } }, { _id: 1 })
      .limit(mailsPerAddress)
      .lean();
    return others.length < mailsPerAddress;
  }

  const confirmed = { challenge: null, challengeUntil: null };

  return {
    async begin({ address, ...request }) {
      const challenge = newCode();
      const [made] = await requests.add({
        ...request,
        tenant: null,
        addresses: [address],
        challenge,
      });
      const { language = 'en' } = request.content;
      const id = made?.id ?? '';
      if (await isBelowBound(address, id)) {
        const mail = mailOf({ kind: request.kind, language }, challenge);
        await mails.keep(`${id} ${challenge.hash}`, { to: address, ...mail });
      }
      return id;
    },
    async send(request) {
      const { address, language } = await requests.contentOf(request);
      const challenge = newCode();
      const next = { challenge: challenge.hash, challengeUntil: challenge.until };
      const changed = await requests.change(request, { state: 'awaiting_challenge' }, next);
      if (changed === undefined) return;
      const mail = mailOf({ kind: request.kind, language }, challenge);
      await mails.keep(`${request._id} ${challenge.hash}`, { to: address, ...mail });
    },
    async confirm(code) {
      const challenge = hashOf(code);
      const inTime = { challenge, challengeUntil: { $gt: new Date(clock.now()) } };
      const found = await requests.find(inTime);
      if (found === null) return undefined;
      const { address } = await requests.contentOf(found);
      const secret = randomBytes(32).toString('base64url');
      const nonce = newNonce();
      const moved = await requests.change(
        found,
        { state: 'awaiting_challenge', ...inTime },
        {
          ...confirmed,
          state: 'received',
          since: new Date(clock.now()),
          turnAt: new Date(clock.now()),
          statusHash: hashOf(secret),
          commitment: commitmentOf(nonce, address),
        },
        { by: 'person', kind: 'confirmed' },
      );
      return moved === undefined ? undefined : { id: found._id, secret, nonce };
    },
    async identify(request, { by, reason }) {
      // A request that has ended has no content any more.
      if (request.state !== 'awaiting_challenge') return undefined;
      const { address } = await requests.contentOf(request);
      return requests.move(
        request,
        ['awaiting_challenge'],
        'received',
        { ...confirmed, commitment: commitmentOf(newNonce(), address) },
        { by, kind: 'identified', reason },
      );
    },
    find: async (secret) => (await requests.find({ statusHash: hashOf(secret) })) ?? undefined,
  };
}
