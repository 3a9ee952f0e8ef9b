import path from 'node:path';
import type { Step } from '@mysmtp/tooling';
import type { Program } from '../processes/program.ts';

/** The inputs for starting a server here. */
export interface ServerPlace {
  /** The folder of its data. */
  readonly dataDir: string;
  readonly logDir: string;
  readonly port: (name: 'rabbitmq' | 'management' | 'distribution' | 'epmd' | 'mongodb') => number;
  /** The password of our administrator, created once per folder. */
  readonly adminPassword: string;
  readonly progress: (line: string) => void;
  /** For slow steps. */
  readonly step: Step;
  /** Aborts if the server is no longer needed. */
  readonly signal: AbortSignal;
}

/** An available server: its programs to supervise (none if it is external) and its URLs. */
export interface ServerPlan {
  readonly product: string;
  readonly programs: readonly Program[];
  /** With an administrator's rights. */
  readonly adminUrl: string;
  readonly managementUrl?: string;
  /** `null` if the data is not accessible to us. */
  readonly dataDir: string | null;
  /** True for a server that must not be used in production. */
  readonly standIn?: boolean;
  /** The steps before the first start, and after readiness; both are idempotent. */
  readonly prepare?: () => Promise<void>;
  readonly initialise?: () => Promise<void>;
}

/** Servers of one kind can read the data of a folder; servers of another kind cannot. */
export type Kind =
  | 'given'
  | 'rabbitmq'
  | 'rabbitmq in docker'
  | 'mongod'
  | 'stand-in'
  | 'stand-in wheel';

/** One way to get a server. If it is not available, `reason` is the explanation for the final message. */
export interface Way {
  readonly name: string;
  readonly kind: Kind;
  /** True if a setting names this server, which excludes all others. */
  readonly isNamed?: () => boolean;
  /** True for a slow way: the start first explains why the others are not available. */
  readonly isSlow?: boolean;
  readonly find: (place: ServerPlace) => Promise<ServerPlan | { readonly reason: string }>;
}

/**
 * Takes the first available way; if there is none, explains each. If there is data already, only ways to a
 * server that can read it (`kept`) are considered.
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
      `${named.name} is set, but the data of ${dir} is in another server. Unset it, begin again with --fresh, or use another --dir.`,
    );
  }
  const reasons: string[] = [];
  for (const way of ways) {
    place.signal.throwIfAborted();
    if (kept !== undefined && way.kind !== kept) continue;
    if (way.isSlow === true && reasons.length > 0) {
      place.progress(
        `${server}: ${way.name}, because nothing else is available:\n${reasons.join('\n')}`,
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
      ? `${server} is not available. Provide one of these:`
      : `${server}: the data of ${dir} needs the server that created it. Provide it, begin again with --fresh, or use another --dir:`;
  throw new UnavailableError(`${message}\n${reasons.join('\n')}`);
}

/** A server that is not available on this machine. The message names the alternatives. */
export class UnavailableError extends Error {}
