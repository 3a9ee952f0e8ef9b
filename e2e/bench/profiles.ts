/** The load of a round. */
export interface Profile {
  readonly messages: number;
  /** Octets of the body; smtp-source adds its headers. */
  readonly octets: number;
  readonly sessions: number;
  /** Several messages over one connection; otherwise a new one for each. */
  readonly reuse: boolean;
  readonly rounds: number;
}

const usual: Profile = { messages: 5_000, octets: 10_240, sessions: 50, reuse: true, rounds: 5 };

export const profiles = {
  '10k': usual,
  '1k': { ...usual, octets: 1_024 },
  '100k': { ...usual, octets: 102_400, messages: 2_000 },
  connections: { ...usual, reuse: false },
  /** For the memory: as many large messages at once as there are sessions. */
  large: { ...usual, octets: 25_000_000, messages: 100, rounds: 1 },
  /** The four loads that are compared, printed as Markdown; `messages` is not used. */
  table: usual,
  /** Latency at 20, 50 and 80 % of the capacity; `messages` at each. */
  latency: { ...usual, sessions: 80, rounds: 3 },
  /** An empty deferred queue against one with many messages (--backlog). */
  backlog: usual,
  /** 1 to 4 processes of delivery, and a sink that is far away. */
  processes: { ...usual, rounds: 3 },
  /** Single stages of the path of a mail; `messages` at each. */
  stages: { ...usual, messages: 10_000, rounds: 3 },
  /** One erasure: `messages` is the number of usage events of the tenant, and of others. */
  erasure: { ...usual, messages: 1_000_000, rounds: 1 },
  /** The same for one person among these events, and then the next: `rounds` persons. */
  person: { ...usual, messages: 1_000_000, rounds: 5 },
  /** The audit chain: `messages` is the number of entries. */
  audit: { ...usual, messages: 60_000, rounds: 1 },
  /** Pages and an export of the usage log: `messages` is the number of rows. */
  'usage-log': { ...usual, messages: 1_000_000, rounds: 1 },
  /** To check that everything works; too short for meaningful figures. */
  quick: { ...usual, messages: 1_000, rounds: 1 },
} as const satisfies Record<string, Profile>;

export type ProfileName = keyof typeof profiles;
