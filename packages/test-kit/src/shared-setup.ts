import type { ProvidedContext } from 'vitest';
import type { TestProject } from 'vitest/node';

interface Started {
  readonly provided: Partial<ProvidedContext>;
  stop(): Promise<void>;
}

type Setup = (project: TestProject) => Promise<() => Promise<void>>;

/** Vitest loads a setup once for each project, so what is shared is a property of the process. */
const ofProcess = globalThis as { sharedSetups?: Map<string, Shared> };

interface Shared {
  readonly started: Promise<Started>;
  users: number;
}

/** A global setup that several projects have: it is started once for a run, and ends with the last of them. */
export function sharedSetup(name: string, start: () => Promise<Started>): Setup {
  return async (project) => {
    const all = (ofProcess.sharedSetups ??= new Map());
    const shared = all.get(name) ?? { started: start(), users: 0 };
    all.set(name, shared);
    shared.users += 1;
    const { provided, stop } = await shared.started;
    for (const [key, value] of Object.entries(provided)) {
      project.provide(key as keyof ProvidedContext, value);
    }
    return async () => {
      shared.users -= 1;
      if (shared.users > 0) return;
      all.delete(name);
      await stop();
    };
  };
}
