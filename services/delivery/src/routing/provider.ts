import type { Site } from './site.ts';

/**
 * Large public providers by the end of their MX hosts' names. The name of any other
 * site can identify a person, so it is `other` in metrics.
 */
const providers: readonly (readonly [suffix: string, name: string])[] = [
  ['google.com', 'google'],
  ['googlemail.com', 'google'],
  ['outlook.com', 'microsoft'],
  ['yahoodns.net', 'yahoo'],
  ['icloud.com', 'apple'],
  ['gmx.net', 'gmx'],
  ['web.de', 'web_de'],
  ['t-online.de', 'telekom'],
  ['orange.fr', 'orange'],
  ['ovh.net', 'ovh'],
  ['kundenserver.de', 'ionos'],
  ['protonmail.ch', 'proton'],
  ['zoho.eu', 'zoho'],
];

/** The label of a site in metrics. */
export function providerOf(site: Site): string {
  const host = site.hosts[0]?.exchange ?? '';
  if (site.smarthost) return 'smarthost';
  const found = providers.find(([suffix]) => host === suffix || host.endsWith(`.${suffix}`));
  return found?.[1] ?? 'other';
}
