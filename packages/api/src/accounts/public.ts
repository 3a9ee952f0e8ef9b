import { z } from 'zod';
import type { ApiDefinition } from '../definition.ts';
import { EmailAddress, line } from '../schemas/text.ts';
import {
  Password,
  LinkSecret,
  device,
  Realm,
  Factor,
  Session,
  Registered,
  FactorRequest,
  id,
  secret,
  session,
  factorRequest,
} from './schemas.ts';

const forEverybody = { access: { public: true }, rateLimit: 'sign-in' } as const;

/** Sign-up, sign-in and links from mails: for everybody. */
export const signInApi = {
  signUp: {
    ...forEverybody,
    method: 'post',
    path: '/v1/sign-ups',
    summary: 'Sends a link to an address, by which its owner makes an account for a new tenant',
    body: z.strictObject({ address: EmailAddress }),
    replies: { 202: 'empty' },
    errors: ['unavailable'],
    examples: { body: { address: 'jane@example.org' } },
  },
  finishSignUp: {
    ...forEverybody,
    method: 'post',
    path: '/v1/sign-ups/finish',
    summary: 'Makes a tenant and the account of its owner, by the secret of the link',
    body: z.strictObject({
      secret: LinkSecret,
      tenant: line(200).describe('Name of the customer'),
      name: line(200).optional(),
      password: Password,
      device,
    }),
    replies: { 201: Registered },
    errors: ['not-found', 'unavailable'],
    examples: {
      body: { secret, tenant: 'Example Ltd', password: 'PASSWORD', device: 'Firefox' },
      replies: { 201: { ...session, tenant: id, person: id } },
    },
  },
  signIn: {
    ...forEverybody,
    method: 'post',
    path: '/v1/sign-ins',
    summary:
      'Checks a password. Answers what to present next, or with a session that can only enrol a second factor',
    body: z.strictObject({ tenant: Realm, address: EmailAddress, password: Password, device }),
    replies: { 200: z.union([FactorRequest, Session]) },
    errors: ['wrong-credentials', 'unavailable'],
    examples: {
      body: { tenant: id, address: 'jane@example.org', password: 'PASSWORD', device: 'Firefox' },
      replies: { 200: factorRequest },
    },
  },
  finishSignIn: {
    ...forEverybody,
    method: 'post',
    path: '/v1/sign-ins/finish',
    summary: 'Opens a session, after the second factor',
    body: z.strictObject({ challenge: LinkSecret, factor: Factor }),
    replies: { 201: Session },
    errors: ['wrong-credentials', 'unavailable'],
    examples: {
      body: { challenge: secret, factor: { code: '123456' } },
      replies: { 201: session },
    },
  },
  requestReset: {
    ...forEverybody,
    method: 'post',
    path: '/v1/password-resets',
    summary: 'Sends a link by which a new password is set, if there is such an account',
    body: z.strictObject({ tenant: Realm, address: EmailAddress }),
    replies: { 202: 'empty' },
    errors: ['unavailable'],
  },
  finishReset: {
    ...forEverybody,
    method: 'post',
    path: '/v1/password-resets/finish',
    summary: 'Sets a new password, and ends all sessions; the second factor stays',
    body: z.strictObject({ secret: LinkSecret, password: Password }),
    replies: { 204: 'empty' },
    errors: ['not-found', 'unavailable'],
  },
  acceptInvitation: {
    ...forEverybody,
    method: 'post',
    path: '/v1/invitations/accept',
    summary: 'Makes the account of an invited person, by the secret of the link',
    body: z.strictObject({
      secret: LinkSecret,
      name: line(200).optional(),
      password: Password,
      device,
    }),
    replies: { 201: Registered },
    errors: ['not-found', 'conflict', 'unavailable'],
  },
  confirmAddress: {
    ...forEverybody,
    method: 'post',
    path: '/v1/account/address/confirm',
    summary: 'Replaces the address of an account, by the link that was sent to the new one',
    body: z.strictObject({ secret: LinkSecret }),
    replies: { 204: 'empty' },
    errors: ['not-found', 'conflict', 'unavailable'],
  },
  undoAddress: {
    ...forEverybody,
    method: 'post',
    path: '/v1/account/address/undo',
    summary:
      'Restores the old address for 72 hours, by the link that was sent to it; ends all sessions',
    body: z.strictObject({ secret: LinkSecret }),
    replies: { 204: 'empty' },
    errors: ['not-found', 'conflict', 'unavailable'],
  },
  requestLostFactor: {
    ...forEverybody,
    method: 'post',
    path: '/v1/lost-factors',
    summary: 'Asks a human to let a person replace a lost second factor, after the password',
    body: z.strictObject({ challenge: LinkSecret.describe('From the answer to the password') }),
    replies: { 202: 'empty' },
    errors: ['wrong-credentials', 'unavailable'],
  },
  cancelLostFactor: {
    ...forEverybody,
    method: 'post',
    path: '/v1/lost-factors/cancel',
    summary: 'Cancels such a request, by the link in its notice',
    body: z.strictObject({ secret: LinkSecret }),
    replies: { 204: 'empty' },
    errors: ['not-found', 'unavailable'],
  },
} as const satisfies ApiDefinition;
