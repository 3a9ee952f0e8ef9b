import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  explain,
  startStack,
  type Stack,
  type StackDescription,
  type StartOptions,
} from '@mysmtp/local-stack';
import { serviceNames } from '@mysmtp/contracts';
import { afterAll, beforeAll, inject } from 'vitest';
import { forScenarios } from './environment.ts';

/** The stack of one scenario: `current()` once the scenario runs. */
export interface ScenarioStack {
  current(): Stack;
  description(): StackDescription;
}

type Options = Omit<StartOptions, 'dir'> & {
  /**
   * True for a scenario that kills the servers or reads their files: it gets its own RabbitMQ and MongoDB.
   * The others have a virtual host and databases on the servers of the run.
   */
  readonly ownServers?: boolean;
  /** True for a scenario that depends on the sources of the services: they run, not their bundles. */
  readonly fromSources?: boolean;
};

/**
 * Gives a scenario its own five services and MX, in its own folder and on its own ports, and removes them
 * afterwards. `options` is called at the start, so that it can name peers that were started before.
 */
export function scenarioStack(
  options: () => Options | Promise<Options> = () => ({}),
): ScenarioStack {
  let stack: Stack | undefined;
  let dir = '';
  beforeAll(async () => {
    dir = await mkdtemp(path.join(tmpdir(), 'mysmtp-e2e-'));
    const { ownServers = false, fromSources = false, env, ...rest } = await options();
    nameServers(ownServers);
    stack = await startStack({
      dir,
      env: forScenarios(env),
      bundles: fromSources ? undefined : inject('bundles'),
      ...rest,
    }).catch((error: unknown) => {
      // Its folder with the logs is removed before the reader can open it.
      throw new Error(explain(error), { cause: error });
    });
  });
  afterAll(async () => {
    await stack?.stop();
    // Kept if the logs of a failed scenario are needed.
    if (process.env['MYSMTP_KEEP'] === undefined) await rm(dir, { recursive: true, force: true });
    else process.stderr.write(`The stack's folder is kept: ${dir}\n`);
  });
  const current = () => {
    if (stack === undefined) throw new Error('The stack has not started');
    return stack;
  };
  return { current, description: () => current().description() };
}

const serverSettings = ['RABBITMQ_URL', 'RABBITMQ_MANAGEMENT_URL', 'MONGODB_URL'] as const;
/** Before the first scenario of this process. */
const named = serverSettings.map((name) => process.env[name]);

/** The stack uses the servers of the run, named like external servers, or its own ones. */
function nameServers(own: boolean): void {
  const ofRun = [inject('rabbitmqUrl'), inject('rabbitmqManagementUrl'), inject('mongodbUrl')];
  for (const [n, name] of serverSettings.entries()) {
    const value = own ? named[n] : ofRun[n];
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
}

/**
 * Settings for scenarios that wait for an expired lease, a repeated command, or stale keys: the same events
 * as with the defaults, but sooner.
 */
export function shortTimes(env: StartOptions['env'] = {}): NonNullable<StartOptions['env']> {
  const common = { PROCESS_LEASE: '3s', KEY_FRESHNESS: '3s' };
  const ofPrivacy = { ERASURE_RESEND: '1s', ERASURE_PROGRESS: '1s' };
  return Object.fromEntries(
    serviceNames.map((name) => [
      name,
      { ...common, ...(name === 'privacy' ? ofPrivacy : {}), ...env[name] },
    ]),
  );
}
