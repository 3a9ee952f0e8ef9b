/** Who did something. It is named on the log line of each write that somebody asked for. */
export interface Actor {
  readonly kind: 'token' | 'service' | 'job' | 'command' | 'erasure';
  /** Id of the token or of the erasure, or name of the service, the job or the command. */
  readonly id: string;
}

/** As it stands in a log line. */
export const actorText = ({ kind, id }: Actor): string => `${kind}:${id}`;
