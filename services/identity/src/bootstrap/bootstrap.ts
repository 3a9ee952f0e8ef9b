import { longestTokenLife } from '@mysmtp/api';
import { UsageError } from '@mysmtp/command-line';
import { TenantUnavailable, type Actor } from '@mysmtp/contracts';
import { CallError } from '@mysmtp/http';
import { createLogger } from '@mysmtp/log';
import { retry } from '@mysmtp/retry';
import { commandHouse, ConfigError, exitCodes, readConfig } from '@mysmtp/service';
import { TakenError } from '../claims/claim.ts';
import { settings } from '../config.ts';
import { openMeans } from '../means.ts';
import { openNouns, type Nouns } from '../nouns.ts';
import type { Registration } from '../tenants/tenants.ts';
import { keeperFor, type Made } from './keep.ts';
import { SecretError } from './kept-secret.ts';
import { readOptions, type BootstrapOptions } from './options.ts';

const usageExit = 64;
const say = (text: string) => void process.stderr.write(`${text}\n`);
const patience = 60_000;
const delays = { first: 500, longest: 500 } as const;
const actor: Actor = { kind: 'command', id: 'bootstrap' };

/**
 * The way into an empty installation: a tenant, its first owner and credential, and an operator.
 * Writes what the API would write and tells it as the API would, or the running identity does it
 * later. One JSON line on standard output, or the content of a Secret; all else on standard error.
 */
export async function bootstrap(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<number> {
  await using resources = new AsyncDisposableStack();
  try {
    const options = readOptions(args);
    const keep = await keeperFor(options.secret);
    if (keep === undefined) {
      say(`The Secret ${options.secret} has its content already: nothing was changed`);
      return exitCodes.ok;
    }
    const ours = commandHouse('identity', readConfig(settings, env), resources);
    const nouns = await openNouns(ours, await openMeans(ours));
    await keep(await run(nouns, options));
    return exitCodes.ok;
  } catch (error) {
    if (error instanceof UsageError) {
      say(error.message);
      return error.exitCode === 0 ? exitCodes.ok : usageExit;
    }
    if (error instanceof ConfigError) {
      say(error.message);
      return exitCodes.config;
    }
    if (error instanceof TakenError) {
      say(`${error.message}: nothing was changed`);
      return 1;
    }
    if (error instanceof SecretError) {
      say(error.message);
      return 1;
    }
    if (isTooEarly(error)) {
      say('Privacy or the broker did not answer within a minute: nothing was changed');
      return 1;
    }
    const log = createLogger('identity', 'info', {
      write: (line) => void process.stderr.write(line),
    });
    log.error('bootstrap.failed', { error });
    return exitCodes.failed;
  }
}

async function run(nouns: Nouns, options: BootstrapOptions): Promise<Made> {
  const { tenant: name, secret: _, ...rest } = options;
  const { tenant, ownerToken, credential } = await registerPatiently(nouns, { name, ...rest });
  const operator = await nouns.tokens.create(actor, {
    role: 'operator',
    tenant: null,
    name: 'first-operator',
    days: longestTokenLife,
  });
  return {
    tenant: { id: tenant.id, domain: tenant.domain, ownerToken },
    operator: { token: operator.token },
    credential: { username: credential.username, password: credential.password },
  };
}

/**
 * All are started together, so privacy and the broker may need a moment. Nothing is written before
 * privacy has said which tenants are being erased and the broker has proved that we hear of more.
 */
function registerPatiently(
  { tenants }: Nouns,
  tenant: Parameters<typeof tenants.register>[1],
): Promise<Registration> {
  return retry(() => tenants.register(actor, tenant), {
    ...delays,
    signal: AbortSignal.timeout(patience),
    shouldRetry: isTooEarly,
  });
}

function isTooEarly(error: unknown): boolean {
  return error instanceof CallError || (error instanceof TenantUnavailable && error.passes);
}
