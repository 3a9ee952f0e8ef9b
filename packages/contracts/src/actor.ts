/** The actor of a write: named on the log line of each write that was requested. */
export interface Actor {
  readonly kind: 'token' | 'person' | 'service' | 'job' | 'command' | 'erasure';
  /** Id of the token, the person or the erasure, or name of the service, the job or the command. */
  readonly id: string;
}

/** The form of an actor in a log line. */
export const actorText = ({ kind, id }: Actor): string => `${kind}:${id}`;
