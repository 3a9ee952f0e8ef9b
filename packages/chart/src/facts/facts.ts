import {
  byService,
  keptUnderKeys,
  keyDaysSettings,
  serviceNames,
  type ServiceName,
} from '@mysmtp/contracts';
import { z } from 'zod';
import type { ServiceSettings } from './load-settings.ts';

/** What templates have to know of a service and nobody may choose. */
export interface Facts {
  /** Whose APIs it calls: a URL, a token and a way through the network for each. */
  readonly calls: readonly ServiceName[];
  /** Who calls its API; where nobody does, nobody has to be verified. */
  readonly calledBy: readonly ServiceName[];
  /** How long it may take to stop, unless it is set otherwise. */
  readonly stopDeadline: string;
  /** What it keeps under the keys of a day: its setting, the one of privacy that it must fit, their defaults. */
  readonly kept: readonly {
    readonly setting: string;
    readonly default: string;
    readonly keyDays: string;
    readonly defaultDays: string;
    readonly sparedDays: number;
  }[];
}

/** A service that calls another one has a setting for its URL. */
export function factsOf(settings: ServiceSettings): Readonly<Record<ServiceName, Facts>> {
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
