import path from 'node:path';
import type { Step } from '@mysmtp/tooling';
import type { Program } from '../processes/program.ts';

/** What a server needs to know to be started here. */
export interface ServerPlace {
  /** Where it keeps its data. */
  readonly dataDir: string;
  readonly logDir: string;
  readonly port: (name: 'rabbitmq' | 'management' | 'distribution' | 'epmd' | 'mongodb') => number;
  /** The password of our administrator, made once for this place. */
  readonly adminPassword: string;
  readonly progress: (line: string) => void;
  /** For work that takes a while. */
  readonly step: Step;
  /** Aborts when nobody wants the server any more. */
  readonly signal: AbortSignal;
}

/** A server that can be used: what to supervise (nothing where it is somebody else's) and where it is. */
export interface ServerPlan {
  readonly product: string;
  readonly programs: readonly Program[];
  /** With an administrator's rights. */
  readonly adminUrl: string;
  readonly managementUrl?: string;
  /** `null` where the data is not ours to look at. */
  readonly dataDir: string | null;
  /** True for what may never serve in production. */
  readonly standIn?: boolean;
  /** What has to be done once before the first start, and after it is ready; both may be repeated. */
  readonly prepare?: () => Promise<void>;
  readonly initialise?: () => Promise<void>;
}

/** Servers of one kind read the data of a folder; another kind does not find it. */
export type Kind =
  | 'given'
  | 'rabbitmq'
  | 'rabbitmq in docker'
  | 'mongod'
  | 'stand-in'
  | 'stand-in wheel';

/** One way to come by a server. Where it is not here, `reason` says why, for the last message. */
export interface Way {
  readonly name: string;
  readonly kind: Kind;
  /** True where somebody named this server by a setting, and so wants no other. */
  readonly isNamed?: () => boolean;
  /** True for one that takes so long that the start says first why it has none of the others. */
  readonly isSlow?: boolean;
  readonly find: (place: ServerPlace) => Promise<ServerPlan | { readonly reason: string }>;
}

/**
 * Takes the first way that is there; where none is, says of each why not. Where there is data
 * already, only ways to a server that finds it again (`kept`) come into question.
 */
export async function firstWay(
  server: string,
  ways: readonly Way[],
  place: ServerPlace,
  kept?: Kind,
): Promise<{ readonly plan: ServerPlan; readonly kind: Kind }> {
  const dir = path.dirname(place.dataDir);
  const named = ways.find((way) => way.isNamed?.());
  if (kept !== undefined && named !== undefined && named.kind !== kept) {
    throw new UnavailableError(
      `${named.name} is set, but the data of ${dir} is in another server. Unset it, begin again with --fresh, or take another --dir.`,
    );
  }
  const reasons: string[] = [];
  for (const way of ways) {
    place.signal.throwIfAborted();
    if (kept !== undefined && way.kind !== kept) continue;
    if (way.isSlow === true && reasons.length > 0) {
      place.progress(
        `${server}: ${way.name}, because nothing else is there:\n${reasons.join('\n')}`,
      );
    }
    const found = await way.find(place);
    if (!('reason' in found)) {
      place.progress(`${server}: ${found.product} (${way.name})`);
      return { plan: found, kind: way.kind };
    }
    reasons.push(`  - ${way.name}: ${found.reason}`);
  }
  const message =
    kept === undefined
      ? `${server} is not to be had. Provide one of these:`
      : `${server}: the data of ${dir} needs the server it was made with. Provide it, begin again with --fresh, or take another --dir:`;
  throw new UnavailableError(`${message}\n${reasons.join('\n')}`);
}

/** A server that this machine cannot have. The message says what to provide. */
export class UnavailableError extends Error {}
