import { serviceNames } from '@mysmtp/contracts';
import type { Setting, Settings } from '@mysmtp/service';
import { z } from 'zod';
import type { ServiceSettings } from '../derived/load-settings.ts';

/**
 * Names, addresses, ports, secrets and files, which the chart sets itself. All other settings are
 * configurable.
 */
const setByChart = new Set([
  'API_PORT',
  'INTERNAL_PORT',
  'OPERATIONS_PORT',
  'SMTP_STARTTLS_PORT',
  'SMTP_TLS_PORT',
  'SMTP_NETWORK_PORT',
  'SMTP_NAME',
  'EHLO_NAME',
  'RETURN_PATH_DOMAIN',
  'NOTICES_FROM',
  'DSN_DKIM_SELECTOR',
  'SERVICE_ACCOUNTS',
  'BACK_ENDS_WITHOUT_TLS',
  'API_WITHOUT_TLS',
]);

/** Variables of containers of Jobs that no service has. */
const ofJobs = [
  'RABBITMQ_MANAGEMENT_URL',
  ...serviceNames.map((name) => `${name.toUpperCase()}_RABBITMQ_URL`),
].flatMap((name) => [name, `${name}_FILE`]);

/** All variables that the chart sets itself or from a separate value. */
export function variablesOf(settings: ServiceSettings): string[] {
  const ofServices = Object.values(settings).flatMap((all) =>
    Object.values(all).flatMap(({ env, secret }) => (secret ? [env, `${env}_FILE`] : [env])),
  );
  return [...new Set([...ofServices, ...ofJobs, 'NODE_EXTRA_CA_CERTS'])].sort();
}

const isOurs = ({ env, secret }: Setting<unknown>): boolean =>
  secret || setByChart.has(env) || /_(URL|FILE|DIR)$/.test(env);

/** The settings of a service that values may contain, by environment name. */
export function chosenSettings(settings: Settings): z.ZodType {
  const names = Object.values(settings).filter((setting) => !isOurs(setting));
  return z
    .strictObject(
      Object.fromEntries(names.map((setting) => [setting.env, inValues(setting).optional()])),
    )
    .default({});
}

/** A setting is text; numbers and flags may be written without quotes. */
function inValues({ schema }: Setting<unknown>): z.ZodType {
  const {
    type,
    minimum,
    maximum,
    enum: choices,
    pattern,
  } = z.toJSONSchema(schema, { io: 'input' });
  if (type === 'integer') {
    const number = z
      .int()
      .min(minimum ?? 0)
      .max(maximum ?? Number.MAX_SAFE_INTEGER);
    return z.union([number, z.string().regex(/^\d+$/)]);
  }
  if (choices !== undefined && choices.includes('true')) {
    return z.literal([...(choices as string[]), true, false]);
  }
  if (choices !== undefined) return z.literal(choices as string[]);
  return pattern === undefined ? z.string() : z.string().regex(new RegExp(pattern));
}
