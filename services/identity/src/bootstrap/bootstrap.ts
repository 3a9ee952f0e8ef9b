import { setTimeout as sleep } from 'node:timers/promises';
import { NotCurrentError } from '@mysmtp/erasure';
import { CallError } from '@mysmtp/http';
import { KeyUnavailableError } from '@mysmtp/keys';
import { createLogger, type Logger } from '@mysmtp/log';
import {
  ConfigError,
  exitCodes,
  readConfig,
  systemClock,
  type Config,
  type House,
} from '@mysmtp/service';
import { Registry } from 'prom-client';
import { TakenError } from '../claims/claim.ts';
import { settings, type IdentityConfig } from '../config.ts';
import { openNouns, type Nouns } from '../nouns.ts';
import type { Registration } from '../tenants/tenants.ts';
import { readOptions, usage, UsageError, type BootstrapOptions } from './options.ts';

const usageExit = 64;
const say = (text: string) => void process.stderr.write(`${text}\n`);
const waitForPrivacy = 60_000;

/**
 * The way into an empty installation: a tenant, its first owner and credential, and an operator.
 * Writes what the API would write and tells it as the API would; where the broker is away the
 * running identity tells it later. One JSON line on standard output, everything else on standard error.
 */
export async function bootstrap(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<number> {
  await using resources = new AsyncDisposableStack();
  try {
    const options = readOptions(args);
    const nouns = await openNouns(house(readConfig(settings, env), resources));
    process.stdout.write(`${JSON.stringify(await run(nouns, options))}\n`);
    return exitCodes.ok;
  } catch (error) {
    if (error instanceof UsageError) {
      say(`${error.message}\nUsage: ${usage}`);
      return usageExit;
    }
    if (error instanceof ConfigError) {
      say(error.message);
      return exitCodes.config;
    }
    if (error instanceof TakenError) {
      say(`${error.message}: nothing was changed`);
      return 1;
    }
    if (isPrivacyAway(error)) {
      say('Privacy, which makes the keys, did not answer within a minute: nothing was changed');
      return 1;
    }
    logger('info').error('bootstrap.failed', { error });
    return exitCodes.failed;
  }
}

async function run(nouns: Nouns, options: BootstrapOptions): Promise<unknown> {
  const { tenant: name, ...rest } = options;
  const { tenant, ownerToken, credential } = await registerPatiently(nouns, { name, ...rest });
  const operator = await nouns.tokens.create({ role: 'operator', tenant: null });
  return {
    tenant: { id: tenant.id, domain: tenant.domain, ownerToken },
    operator: { token: operator.token },
    credential: { username: credential.username, password: credential.password },
  };
}

/** Both are started together, so privacy may need a moment. Nothing is written before it has answered. */
async function registerPatiently(
  { tenants }: Nouns,
  tenant: Parameters<typeof tenants.register>[0],
): Promise<Registration> {
  for (const giveUpAt = Date.now() + waitForPrivacy; ; await sleep(500)) {
    try {
      return await tenants.register(tenant);
    } catch (error) {
      if (!isPrivacyAway(error) || Date.now() > giveUpAt) throw error;
    }
  }
}

function isPrivacyAway(error: unknown): boolean {
  return [CallError, KeyUnavailableError, NotCurrentError].some((kind) => error instanceof kind);
}

function house(
  config: Config<typeof settings>,
  resources: AsyncDisposableStack,
): House<IdentityConfig> {
  return {
    name: 'identity',
    config,
    log: logger(config.logLevel),
    clock: systemClock,
    metrics: new Registry(),
    own: (resource, close) => resources.adopt(resource, async (owned) => close(owned)),
    readyWhen: () => undefined,
    isStopping: () => false,
  };
}

function logger(level: IdentityConfig['logLevel']): Logger {
  return createLogger('identity', level, { write: (line) => void process.stderr.write(line) });
}
