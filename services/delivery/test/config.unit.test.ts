import { ConfigError, readConfig } from '@mysmtp/service';
import { expect, test } from 'vitest';
import { settings } from '../src/config.ts';

const required = {
  API_PORT: '8082',
  INTERNAL_PORT: '8182',
  OPERATIONS_PORT: '9082',
  MONGODB_URL: 'mongodb://127.0.0.1/x',
  RABBITMQ_URL: 'amqp://127.0.0.1',
  SERVICE_KEY_FILE: 'key',
  SERVICE_JWKS_FILE: 'jwks',
  IDENTITY_URL: 'http://127.0.0.1:1',
  PRIVACY_URL: 'http://127.0.0.1:2',
  INGRESS_URL: 'http://127.0.0.1:3',
  EHLO_NAME: 'mail.relay.test',
  RETURN_PATH_DOMAIN: 'bounces.relay.test',
};

test('the required settings are enough, and the defaults are those of the README', () => {
  const config = readConfig(settings, required);
  expect(config).toMatchObject({
    window: 500,
    siteConnections: 20,
    connectionMessages: 100,
    connectionIdle: 60_000,
    retryFirst: 300_000,
    retryMax: 14_400_000,
    expiry: 432_000_000,
    handlingLimit: 5,
    crashPause: 15_000,
    stopDeadline: 320_000,
    mxPort: 25,
    privateMx: false,
  });
  expect(config.smarthost).toBeUndefined();
});

test.each([
  ['localhost:2526', { host: 'localhost', port: 2_526 }],
  ['192.0.2.1:25', { host: '192.0.2.1', port: 25 }],
  ['[2001:db8::1]:25', { host: '2001:db8::1', port: 25 }],
])('SMARTHOST=%s', (text, expected) => {
  expect(readConfig(settings, { ...required, SMARTHOST: text }).smarthost).toEqual(expected);
});

test.each([
  ['SMARTHOST', 'localhost'],
  ['SMARTHOST', 'localhost:70000'],
  ['POSTMASTER', 'nobody'],
  ['RETRY_FIRST', 'soon'],
  ['EHLO_NAME', ''],
  ['EHLO_NAME', 'mail relay'],
  ['EHLO_NAME', 'mäil.relay.test'],
  ['PRIVATE_MX', 'maybe'],
  ['DSN_DKIM_SELECTOR', 'a selector'],
])('%s=%s stops the service; the error names the setting', (name, value) => {
  expect(() => readConfig(settings, { ...required, [name]: value })).toThrow(ConfigError);
  expect(() => readConfig(settings, { ...required, [name]: value })).toThrow(name);
});
