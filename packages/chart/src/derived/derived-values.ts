import {
  byService,
  keptUnderKeys,
  keyDaysSettings,
  serviceNames,
  type ServiceName,
} from '@mysmtp/contracts';
import { z } from 'zod';
import type { ServiceSettings } from './load-settings.ts';

/** Values of a service that follow from the settings of all services. The templates use them; they cannot be set. */
export interface DerivedValues {
  /** The services whose APIs it calls: a URL, a token and an egress rule for each. */
  readonly calls: readonly ServiceName[];
  /** The services that call its API; without any, it needs no token review. */
  readonly calledBy: readonly ServiceName[];
  /** The default time limit of stopping. */
  readonly stopDeadline: string;
  /**
   * Data under the keys of a day: its retention setting, the lifetime setting of privacy that limits it,
   * their defaults.
   */
  readonly kept: readonly {
    readonly setting: string;
    readonly default: string;
    readonly keyDays: string;
    readonly defaultDays: string;
    readonly sparedDays: number;
  }[];
}

/** A service that calls another one has a setting for its URL. */
export function derivedValuesOf(
  settings: ServiceSettings,
): Readonly<Record<ServiceName, DerivedValues>> {
  const calls = byService((caller) => {
    const names = new Set(Object.values(settings[caller]).map(({ env }) => env));
    return serviceNames.filter((name) => names.has(`${name.toUpperCase()}_URL`));
  });
  return byService((name) => ({
    calls: calls[name],
    calledBy: serviceNames.filter((caller) => calls[caller].includes(name)),
    stopDeadline: defaultOf(settings, name, 'STOP_DEADLINE'),
    kept: keptUnderKeys
      .filter(({ service }) => service === name)
      .map(({ setting, purpose, sparedDays }) => ({
        setting,
        default: defaultOf(settings, name, setting),
        keyDays: keyDaysSettings[purpose],
        defaultDays: defaultOf(settings, 'privacy', keyDaysSettings[purpose]),
        sparedDays,
      })),
  }));
}

function defaultOf(settings: ServiceSettings, service: ServiceName, env: string): string {
  const setting = Object.values(settings[service]).find((candidate) => candidate.env === env);
  if (setting === undefined) throw new Error(`${service} has no setting ${env}`);
  const schema = z.toJSONSchema(setting.schema, { io: 'input' });
  return String(schema.default);
}
