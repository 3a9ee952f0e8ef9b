import { ConfigError, readConfig } from '@mysmtp/service';
import { expect, test } from 'vitest';
import { settings } from '../src/config.ts';

const { dnsServers, spfInclude } = settings;
const read = (env: Record<string, string>) => readConfig({ dnsServers, spfInclude }, env);

test('name servers and the SPF mechanism', () => {
  expect(read({})).toEqual({ dnsServers: undefined, spfInclude: undefined });
  expect(
    read({ DNS_SERVERS: '192.0.2.1, [2001:db8::1]:5353', SPF_INCLUDE: 'a:out.example' }),
  ).toEqual({
    dnsServers: ['192.0.2.1', '[2001:db8::1]:5353'],
    spfInclude: 'a:out.example',
  });
});

test.each([
  ['DNS_SERVERS', 'ns.example.org'],
  ['DNS_SERVERS', '192.0.2.1;192.0.2.2'],
  ['SPF_INCLUDE', '_spf.example.org'],
  ['SPF_INCLUDE', 'include:_spf.example.org -all'],
  ['SPF_INCLUDE', 'v=spf1 mx'],
])('%s is named if it is %s', (setting, text) => {
  expect(() => read({ [setting]: text })).toThrow(ConfigError);
  expect(() => read({ [setting]: text })).toThrow(setting);
});
