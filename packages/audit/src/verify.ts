import {
  auditClassOf,
  dayKeyId,
  securityEventTypes,
  type SecurityEventType,
} from '@mysmtp/contracts';
import {
  AuditPayload,
  beforeFirst,
  commitmentOfPayload,
  digestOf,
  macOf,
  type ChainEntry,
  type Position,
} from './format.ts';

/**
 * What is known of the payload of an entry: `shown`, with its salt; `hidden`, because this reader may not see
 * it; `deleted`.
 */
export type Content =
  | { readonly state: 'shown'; readonly salt: Uint8Array; readonly payload: string }
  | { readonly state: 'hidden' | 'deleted' };

/** The end of the chain as it was at some time, kept outside of the chain's database. */
export type Head = Pick<Position, 'seq' | 'digest'>;

/** `front`, `tail`: cut off there. `gap`: entries are missing or not in their order. */
export type ChainFault =
  | 'front'
  | 'gap'
  | 'link'
  | 'time'
  | 'key'
  | 'mac'
  | 'commitment'
  | 'unexplained_deletion'
  | 'head'
  | 'tail';

export interface Finding {
  readonly fault: ChainFault;
  readonly seq: number;
}

/** Checks a chain entry by entry, in order. Memory grows only with deleted payloads and heads. */
export interface ChainVerifier {
  add(entry: ChainEntry, content: Content): void;
  /** Reads an entry after the last one only for the deleted payloads that it explains. */
  explain(entry: ChainEntry, content: Content): void;
  /** The entries whose payloads are missing without an explanation so far. */
  unexplained(): readonly number[];
  /** All faults, after the last entry. */
  finish(): readonly Finding[];
  end(): Position;
}

export function createChainVerifier(
  options: {
    /** The entry before the first. The default is that of a whole chain. */
    readonly from?: Position;
    readonly heads?: readonly Head[];
    /** Chain keys by id. Without the key of an entry its MAC is not checked. */
    readonly chainKey?: (keyId: string) => Uint8Array | undefined;
  } = {},
): ChainVerifier {
  const { from = beforeFirst, heads = [], chainKey = () => undefined } = options;
  const found: Finding[] = [];
  const headAt = Map.groupBy(heads, ({ seq }) => seq);
  const explained = createExplanations();
  let end = from;

  const fault = (name: ChainFault, seq: number) => void found.push({ fault: name, seq });

  return {
    add(entry, content) {
      const { seq } = entry;
      if (seq !== end.seq + 1) fault(end.seq === 0 && seq > 0 ? 'front' : 'gap', seq);
      else if (entry.prev !== end.digest) fault('link', seq);
      if (entry.time < end.time) fault('time', seq);
      if (entry.keyId !== dayKeyId('audit', entry.time)) fault('key', seq);
      const key = chainKey(entry.keyId);
      if (key !== undefined && macOf(key, entry) !== entry.mac) fault('mac', seq);
      const digest = digestOf(entry);
      for (const head of headAt.get(seq) ?? []) if (head.digest !== digest) fault('head', seq);
      if (content.state === 'deleted') explained.missing(entry);
      if (content.state === 'shown') {
        if (fits(entry, content)) explained.read(entry, content.payload);
        else fault('commitment', seq);
      }
      end = { seq, time: entry.time, digest };
    },
    explain(entry, content) {
      if (content.state !== 'shown' || !fits(entry, content)) return;
      explained.read(entry, content.payload, { from: from.seq + 1, to: end.seq });
    },
    unexplained: explained.unexplained,
    finish() {
      for (const seq of explained.unexplained()) fault('unexplained_deletion', seq);
      for (const { seq } of heads) if (seq > end.seq) fault('tail', seq);
      return found.toSorted((a, b) => a.seq - b.seq);
    },
    end: () => end,
  };
}

const fits = (
  { commitment }: ChainEntry,
  { salt, payload }: Extract<Content, { readonly state: 'shown' }>,
): boolean => commitmentOfPayload(salt, payload) === commitment;

/** Deleted payloads, and the later entries that say why. */
function createExplanations() {
  const missing: Pick<ChainEntry, 'seq' | 'time' | 'type'>[] = [];
  const erased: { readonly first: number; readonly last: number }[] = [];
  /** By class: all payloads of entries before this time. */
  const expired = { security: 0, audit: 0 };

  return {
    missing({ seq, time, type }: ChainEntry) {
      missing.push({ seq, time, type });
    },
    /** Of the erased numbers only those between are remembered. */
    read({ type }: ChainEntry, payload: string, { from, to } = everything) {
      if (type !== 'payload_erased' && type !== 'payload_expired') return;
      const about = AuditPayload.parse(JSON.parse(payload));
      for (const [first, last] of about.erased ?? []) {
        if (first <= to && last >= from) erased.push({ first, last });
      }
      if (about.expired === undefined) return;
      const { class: name, below } = about.expired;
      expired[name] = Math.max(expired[name], below);
    },
    unexplained(): number[] {
      const ranges = createRanges(erased);
      return missing.flatMap(({ seq, time, type }) =>
        time < expired[classOf(type)] || ranges.has(seq) ? [] : seq,
      );
    },
  };
}

const everything = { from: 0, to: Infinity };

/** A type that only a newer release defines is of the class `audit`. */
const classOf = (type: string) => {
  const known = securityEventTypes.find((name): name is SecurityEventType => name === type);
  return auditClassOf(known ?? 'other');
};

function createRanges(ranges: readonly { readonly first: number; readonly last: number }[]) {
  const sorted = ranges.toSorted((a, b) => a.first - b.first);
  let at = 0;
  let last = 0;
  return {
    /** `seq` must not be smaller than in the call before. */
    has(seq: number): boolean {
      for (
        let next = sorted[at];
        next !== undefined && next.first <= seq;
        next = sorted[(at += 1)]
      ) {
        last = Math.max(last, next.last);
      }
      return seq <= last;
    },
  };
}
