import { longestTokenLife } from '@mysmtp/api';
import { UsageError } from '@mysmtp/command-line';
import { TenantUnavailable, type Actor } from '@mysmtp/contracts';
import { CallError } from '@mysmtp/http';
import { createLogger } from '@mysmtp/log';
import { retry } from '@mysmtp/retry';
import { openCommandContext, ConfigError, exitCodes, readConfig } from '@mysmtp/service';
import { TakenError } from './reservations/reserve.ts';
import { settings } from './config.ts';
import { openConnections } from './connections.ts';
import { openStores, type Stores } from './stores.ts';
import type { Registration } from './tenants/tenants.ts';
import { keeperFor, type Made, SecretError } from './bootstrap/keep.ts';
import { readOptions, type BootstrapOptions } from './bootstrap/options.ts';

const usageExit = 64;
const print = (text: string) => void process.stderr.write(`${text}\n`);
const patience = 60_000;
const delays = { first: 500, longest: 500 } as const;
const actor: Actor = { kind: 'command', id: 'bootstrap' };

/**
 * Sets up an empty installation: a tenant, its first owner token and credential, and an operator token.
 * Writes the same records as the API and publishes them; if that fails, the running identity publishes
 * them later. Prints one JSON line on standard output, or fills a Secret; everything else goes to
 * standard error.
 */
async function bootstrap(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<number> {
  await using resources = new AsyncDisposableStack();
  try {
    const options = readOptions(args);
    const keep = await keeperFor(options.secret);
    if (keep === undefined) {
      print(`The Secret ${options.secret} already has content: nothing was changed`);
      return exitCodes.ok;
    }
    const ours = openCommandContext('identity', readConfig(settings, env), resources);
    const stores = await openStores(ours, await openConnections(ours));
    await keep(await run(stores, options));
    return exitCodes.ok;
  } catch (error) {
    if (error instanceof UsageError) {
      print(error.message);
      return error.exitCode === 0 ? exitCodes.ok : usageExit;
    }
    if (error instanceof ConfigError) {
      print(error.message);
      return exitCodes.config;
    }
    if (error instanceof TakenError) {
      print(`${error.message}: nothing was changed`);
      return 1;
    }
    if (error instanceof SecretError) {
      print(error.message);
      return 1;
    }
    if (isTooEarly(error)) {
      print('Privacy or the broker did not answer within a minute: nothing was changed');
      return 1;
    }
    const log = createLogger('identity', 'info', {
      write: (line) => void process.stderr.write(line),
    });
    log.error('bootstrap.failed', { error });
    return exitCodes.failed;
  }
}

async function run(stores: Stores, options: BootstrapOptions): Promise<Made> {
  const { tenant: name, secret: _, ...rest } = options;
  const { tenant, ownerToken, credential } = await registerPatiently(stores, { name, ...rest });
  const operator = await stores.tokens.create(actor, {
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
 * All services start together, so privacy and the broker may need a moment. Nothing is written before
 * privacy has sent the current fences and a heartbeat has proved that new ones arrive.
 */
function registerPatiently(
  { tenants }: Stores,
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

process.exit(await bootstrap(process.argv.slice(2), process.env));
