import { byService } from '@mysmtp/contracts';
import { createLogger } from '@mysmtp/log';
import { managementApi, setUpBroker } from '@mysmtp/provision';
import { backEndSetting, ConfigError, exitCodes, readConfig } from '@mysmtp/service';

const settings = {
  /** RabbitMQ's management API, with an administrator's user name and password. */
  managementUrl: backEndSetting('RABBITMQ_MANAGEMENT_URL', 'http'),
  ...byService((name) => backEndSetting(`${name.toUpperCase()}_RABBITMQ_URL`, 'amqp')),
} as const;

/**
 * Creates the virtual host, users, exchanges and policies that the services' URLs name, as the broker's
 * administrator. Idempotent: run it before each installation and upgrade. Returns the exit code.
 */
async function setUpBrokerFrom(env: Readonly<Record<string, string | undefined>>): Promise<number> {
  const log = createLogger('identity');
  try {
    const { managementUrl, ...urls } = readConfig(settings, env);
    await setUpBroker(
      managementApi(managementUrl.reveal()),
      byService((name) => urls[name].reveal()),
    );
    log.info('broker.set_up');
    return exitCodes.ok;
  } catch (error) {
    if (error instanceof ConfigError) {
      for (const problem of error.problems) log.error('config.invalid', problem);
      return exitCodes.config;
    }
    log.error('broker.not_set_up', { error });
    return exitCodes.failed;
  }
}

process.exit(await setUpBrokerFrom(process.env));
