import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  explain,
  startStack,
  type Stack,
  type StackFacts,
  type StartOptions,
} from '@mysmtp/local-stack';
import { afterAll, beforeAll } from 'vitest';

/** The stack of one scenario: `current()` once the scenario runs. */
export interface ScenarioStack {
  current(): Stack;
  facts(): StackFacts;
}

/**
 * Gives a scenario a whole stack of its own, in a folder and on ports of its own, and takes it away
 * afterwards. `options` is asked when it starts, so that it can name peers started before.
 */
export function scenarioStack(
  options: () => Omit<StartOptions, 'dir'> | Promise<Omit<StartOptions, 'dir'>> = () => ({}),
): ScenarioStack {
  let stack: Stack | undefined;
  let dir = '';
  beforeAll(async () => {
    dir = await mkdtemp(path.join(tmpdir(), 'mysmtp-e2e-'));
    stack = await startStack({ dir, ...(await options()) }).catch((error: unknown) => {
      // Its folder with the logs is gone by the time somebody reads this.
      throw new Error(explain(error), { cause: error });
    });
  });
  afterAll(async () => {
    await stack?.stop();
    // Kept where somebody wants to read the logs of a failed scenario.
    if (process.env['MYSMTP_KEEP'] === undefined) await rm(dir, { recursive: true, force: true });
    else process.stderr.write(`The stack's folder is kept: ${dir}\n`);
  });
  const current = () => {
    if (stack === undefined) throw new Error('The stack has not started');
    return stack;
  };
  return { current, facts: () => current().facts() };
}
