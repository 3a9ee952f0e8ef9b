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

/** One way to come by a server. `undefined`: not here; `reason` then says why, for the last message. */
export interface Way {
  readonly name: string;
  readonly find: (place: ServerPlace) => Promise<ServerPlan | { readonly reason: string }>;
}

/** Takes the first way that is there; where none is, says of each why not. */
export async function firstWay(
  server: string,
  ways: readonly Way[],
  place: ServerPlace,
): Promise<ServerPlan> {
  const reasons: string[] = [];
  for (const way of ways) {
    const found = await way.find(place);
    if (!('reason' in found)) {
      place.progress(`${server}: ${found.product} (${way.name})`);
      return found;
    }
    reasons.push(`  - ${way.name}: ${found.reason}`);
  }
  throw new Error(`${server} is not to be had. Provide one of these:\n${reasons.join('\n')}`);
}
