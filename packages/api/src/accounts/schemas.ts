import { Id, roles } from '@mysmtp/contracts';
import { z } from 'zod';
import { ById, Time } from '../identity/common.ts';
import { line } from '../schemas/text.ts';

export { ById, Time };

export const Role = z.enum(roles);
/** Identity applies the rules, because it has the address. */
export const Password = z.string().min(1).max(1_024);
/** 256 random bits in base64url, from a link or an answer. */
export const LinkSecret = z.string().regex(/^[\w-]{43}$/);
export const Code = z.string().regex(/^\d{6}$/, 'must have six digits');
export const device = line(200)
  .default('Unknown device')
  .describe('How the device describes itself, for the list of sessions');
export const Realm = Id.describe("The tenant; for operators the id of the operators' realm");

export const base64url = z.string().regex(/^[\w-]{1,16384}$/);
/** The JSON forms of WebAuthn Level 3, 5.1.8 and 5.1.9. */
export const common = {
  id: base64url,
  rawId: base64url,
  type: z.literal('public-key'),
  authenticatorAttachment: z.enum(['platform', 'cross-platform']).nullable().optional(),
  clientExtensionResults: z.record(z.string().max(64), z.unknown()).optional(),
};
export const Assertion = z.strictObject({
  ...common,
  response: z.strictObject({
    clientDataJSON: base64url,
    authenticatorData: base64url,
    signature: base64url,
    userHandle: base64url.nullable().optional(),
  }),
});
export const Attestation = z.strictObject({
  ...common,
  response: z.strictObject({
    clientDataJSON: base64url,
    attestationObject: base64url,
    authenticatorData: base64url.optional(),
    transports: z.array(z.string().max(32)).max(8).optional(),
    publicKey: base64url.optional(),
    publicKeyAlgorithm: z.int().optional(),
  }),
});
/** Options of WebAuthn, for the browser. */
export const Options = z.looseObject({ challenge: z.string() });

export const Factor = z.union([
  z.strictObject({ code: Code }),
  z.strictObject({ recoveryCode: z.string().min(1).max(64) }),
  z.strictObject({ passkey: Assertion }),
]);

export const Session = z.strictObject({
  token: z.string(),
  session: z.string(),
  expiresAt: Time,
});
export const Registered = Session.extend({ tenant: z.string(), person: z.string() });
export const FactorRequest = z.strictObject({
  challenge: z.string(),
  expiresAt: Time,
  factors: z.array(z.enum(['code', 'passkey', 'recovery-code'])),
  passkey: Options.nullable().describe('Options for the authenticator, if there is a passkey'),
});
export const Enrolled = z.strictObject({
  recoveryCodes: z.array(z.string()).nullable().describe('Shown once; null if the old ones stay'),
  session: Session.nullable().describe('Replaces a session that could only enrol'),
});
export const Person = z.strictObject({
  id: z.string(),
  address: z.string(),
  name: z.string().nullable(),
  role: Role,
  hasFactor: z.boolean(),
  createdAt: Time,
});
export const Account = Person.extend({
  totp: z.boolean(),
  passkeys: z.array(z.strictObject({ id: z.string(), label: z.string(), addedAt: Time })),
  recoveryCodes: z.int(),
  session: z.string(),
});
export const Invitation = z.strictObject({
  id: z.string(),
  address: z.string(),
  role: Role,
  createdAt: Time,
  expiresAt: Time,
});
export const LostFactor = z.strictObject({
  id: z.string(),
  person: z.string(),
  requestedAt: Time,
  replaceableAt: Time.nullable(),
});

export const id = '0f8fad5b-d9cb-469f-a165-70867728950e';
export const secret = 'x'.repeat(43);
export const createdAt = '2026-01-31T12:00:00.000Z';
export const expiresAt = '2026-02-01T00:00:00.000Z';
export const session = { token: 'mysmtp_session_TOKEN', session: id, expiresAt };
export const factorRequest: z.input<typeof FactorRequest> = {
  challenge: secret,
  expiresAt,
  factors: ['code', 'recovery-code'],
  passkey: null,
};
export const recoveryCodes = ['abcd-efgh-ijkl-mnop-qrst-uvwx-yz23'];
export const enrolled = { recoveryCodes, session };
export const person = {
  id,
  address: 'jane@example.org',
  name: 'Jane Doe',
  role: 'admin',
  hasFactor: true,
  createdAt,
};
export const account = { ...person, totp: true, passkeys: [], recoveryCodes: 10, session: id };
export const invitation = { id, address: 'jane@example.org', role: 'admin', createdAt, expiresAt };
export const lostFactor = { id, person: id, requestedAt: createdAt, replaceableAt: null };
export const attestation: z.input<typeof Attestation> = {
  id: 'ID',
  rawId: 'ID',
  type: 'public-key',
  response: { clientDataJSON: 'JSON', attestationObject: 'CBOR' },
};
