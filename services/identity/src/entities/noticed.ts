/** The last notice about something: its level in percent, and the end of the window. Milliseconds. */
interface Mark {
  readonly end: number;
  readonly percent: number;
}

/** The notices that were sent about the limits of a tenant or a credential. */
export interface Noticed {
  readonly day?: Mark;
  readonly month?: Mark;
  /** Too much mail of this credential bounces. */
  readonly bounces?: Mark;
}

const mark = { _id: false, end: Number, percent: Number } as const;

/** The fields above, for mongoose schemas. */
export const noticedFields = (...topics: readonly (keyof Noticed)[]) => ({
  type: {
    _id: false,
    ...Object.fromEntries(topics.map((topic) => [topic, { type: mark, default: undefined }])),
  },
  default: undefined,
});
