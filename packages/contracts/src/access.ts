import { z } from 'zod';
import { growingWord } from './message.ts';

/** The roles of people in a tenant. `dpo`: data protection officer (GDPR Art. 37). */
export const tenantRoles = ['owner', 'admin', 'developer', 'dpo', 'reader'] as const;

/** The roles of people in the operators' realm. `operator` has the permissions of all others. */
export const operatorRoles = ['support', 'on-call', 'privacy-officer', 'operator'] as const;

export const roles = [...tenantRoles, ...operatorRoles] as const;
export type Role = (typeof roles)[number];

/**
 * The tenant under whose keys data of operators' accounts is sealed. It has no domains and is never erased.
 */
export const operatorRealm = '6f706572-6174-4f72-8273-2d7265616c6d';

/**
 * When API keys and SMTP credentials were last used: the newest use of each since the report before. A lost
 * report is harmless.
 */
export const UseReport = z.strictObject({
  uses: z
    .array(
      z.strictObject({
        kind: z.enum(['token', 'credential']),
        id: z.string(),
        /** Milliseconds. */
        at: z.number(),
      }),
    )
    .max(10_000),
});
export type UseReport = z.infer<typeof UseReport>;
export type Use = UseReport['uses'][number];

/** Every session token begins with it, no API key does. It distinguishes sessions from keys. */
export const sessionPrefix = 'mysmtp_session_';

/** `hash`: SHA-256 of the bearer token, base64url. `address`: the IP address of the client. */
export const PrincipalRequest = z.strictObject({ hash: z.string(), address: z.string() });

const common = {
  id: z.string(),
  /** `null`: of the operators' realm. */
  tenant: z.string().nullable(),
  /** Permissions of packages/api. A reader ignores unknown ones. */
  permissions: z.array(z.string()),
};

/** The current principal of a token. It must not be kept beyond the request. */
export const PrincipalAnswer = z.strictObject({
  principal: z
    .discriminatedUnion('kind', [
      z.strictObject({
        kind: z.literal('token'),
        ...common,
        /** The one domain to which the key is limited. */
        domain: z.string().nullable(),
      }),
      z.strictObject({
        kind: z.literal('person'),
        ...common,
        session: z.string(),
        role: growingWord(roles, 'reader'),
        /** When the session last presented a second factor, in milliseconds; `null`: never. */
        factorAt: z.number().nullable(),
      }),
    ])
    .nullable(),
});
export type PrincipalAnswer = z.infer<typeof PrincipalAnswer>;
