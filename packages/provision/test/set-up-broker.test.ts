import { randomUUID } from 'node:crypto';
import { serviceNames, type ServiceName } from '@mysmtp/contracts';
import { connect } from 'amqplib';
import { afterEach, expect, inject, test } from 'vitest';
import { managementApi, setUpBroker } from '../src/index.ts';

const management = managementApi(inject('rabbitmqManagementUrl'));
const vhost = `test ${randomUUID()}`;

const urls = (passwordOf: (service: ServiceName) => string) =>
  Object.fromEntries(
    serviceNames.map((service) => {
      const url = new URL(inject('rabbitmqUrl'));
      url.username = `${vhost}-${service}`;
      url.password = passwordOf(service);
      url.pathname = `/${encodeURIComponent(vhost)}`;
      return [service, url.href];
    }),
  ) as Record<ServiceName, string>;

const first = urls((service) => `first @ of ${service}`);

async function mayConnect(url: string): Promise<boolean> {
  const connection = await connect(url).catch(() => undefined);
  await connection?.close();
  return connection !== undefined;
}

afterEach(async () => {
  await management.remove(`vhosts/${encodeURIComponent(vhost)}`);
  for (const service of serviceNames) {
    await management.remove(`users/${encodeURIComponent(`${vhost}-${service}`)}`);
  }
});

test('every service can log in by its own URL with only the rights of contracts; a repetition changes nothing', async () => {
  await setUpBroker(management, first);
  await setUpBroker(management, first);
  for (const service of serviceNames) expect(await mayConnect(first[service])).toBe(true);
  const connection = await connect(first.logging);
  const channel = await connection.createChannel();
  channel.on('error', () => undefined);
  connection.on('error', () => undefined);
  await expect(channel.assertQueue('delivery.mail')).rejects.toThrow('ACCESS_REFUSED');
  await connection.close();
  const policies = await management.get<unknown[]>(`policies/${encodeURIComponent(vhost)}`);
  expect(policies.length).toBeGreaterThan(0);
});

test('a password that is changed in a URL is changed in the broker', async () => {
  await setUpBroker(management, first);
  const second = urls((service) => `second of ${service}`);
  await setUpBroker(management, second);
  expect(await mayConnect(first.ingress)).toBe(false);
  expect(await mayConnect(second.ingress)).toBe(true);
});

test('services in different virtual hosts are refused, because they could not exchange messages', async () => {
  const elsewhere = { ...first, privacy: first.privacy.replace(/[^/]*$/, 'elsewhere') };
  await expect(setUpBroker(management, elsewhere)).rejects.toThrow('different virtual hosts');
});
