import { z } from 'zod';

/** Of the lists of a message. */
export const authAttemptsLimit = 500;

/**
 * Broadcast: what one process has counted of attempts to authenticate. All names are keyed hashes, so that
 * nobody who reads the broker learns a network or a user name.
 */
export const AuthAttempts = z.strictObject({
  v: z.literal(1),
  /** Id of the process, which ignores its own broadcasts. */
  process: z.uuid(),
  failures: z
    .array(
      z.strictObject({
        /** The client networks, each with the number of failures that it is allowed. */
        networks: z.array(z.strictObject({ key: z.string(), limit: z.number().int() })).max(2),
        /** The account together with the network, and the account alone. */
        pair: z.string().optional(),
        account: z.string().optional(),
        /** Id of the credential, if the account exists. */
        credential: z.string().optional(),
        count: z.number().int().positive(),
      }),
    )
    .max(authAttemptsLimit),
  /** Pairs that have authenticated. */
  successes: z.array(z.string()).max(authAttemptsLimit),
  /** The addresses of requested mails, one entry for each mail. */
  mails: z.array(z.string()).max(authAttemptsLimit).optional(),
  /** The client networks from which somebody has signed up, one entry for each sign-up and network. */
  signUps: z.array(z.string()).max(authAttemptsLimit).optional(),
});
export type AuthAttempts = z.infer<typeof AuthAttempts>;
