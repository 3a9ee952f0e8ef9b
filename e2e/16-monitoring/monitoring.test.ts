import {
  dashboards,
  panelsOf,
  readAlerts,
  readRecordings,
  registeredMetrics,
  selectorsOf,
  watchdog,
  withoutVariables,
} from '@mysmtp/monitoring';
import { eventually, startPeer, type Peer } from '@mysmtp/test-kit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { scenarioStack, shortTimes } from '../kit/stack.ts';
import { eraseCustomer, receiver, sendMail } from './activity.ts';
import { changeAuditEntry, findingsFor, sendMuch } from './attacks.ts';
import { startPrometheus, type ActiveAlert, type Prometheus } from './prometheus.ts';

let peer: Peer;
const { current, description } = scenarioStack(async () => {
  peer = await startPeer(receiver);
  return { smarthost: `127.0.0.1:${String(peer.port)}`, env: shortTimes() };
});
afterAll(() => peer.close());

let prometheus: Prometheus;
beforeAll(async () => {
  prometheus = await startPrometheus(description());
}, 600_000);
afterAll(() => prometheus.stop());

/** Longer than the scenario so far, so that all its events count. */
const rateInterval = '10m';
const alerts = await readAlerts();
const recordings = await readRecordings();
const recorded = new Set(recordings.map(({ record }) => record));
const panels = Object.values(dashboards).flatMap(panelsOf);

/** The active alerts without the one that always fires; fails if that one does not. */
async function unexpected(): Promise<ActiveAlert[]> {
  const active = await prometheus.alerts();
  const isWatchdog = ({ labels }: ActiveAlert): boolean => labels['alertname'] === watchdog;
  expect(active.filter(isWatchdog)).toMatchObject([{ state: 'firing' }]);
  return active.filter((alert) => !isWatchdog(alert));
}

test('no alert fires or is pending on a stack in which mail is delivered, deferred and bounced', async () => {
  await eventually(async () => {
    const answering = await prometheus.query('sum(up{app_kubernetes_io_name="mysmtp"})');
    expect(answering).toMatchObject([{ value: 5 }]);
  });
  await sendMail(description());
  // Resumed writes and the first run of a job may occur in the second after the first scrape.
  await eventually(async () => expect(await unexpected()).toEqual([]), { timeout: 60_000 });
  await eventually(async () => {
    const accepted = await prometheus.query('sum(mysmtp_messages_accepted_total)');
    expect(accepted).toMatchObject([{ value: 3 }]);
    expect(await unexpected()).toEqual([]);
  });
});

test('every expression of every panel returns numbers', async () => {
  await eraseCustomer(description());
  // The same events again, because the first value of a counter is no increase for Prometheus.
  await sendMail(description());
  expect(panels.length).toBeGreaterThan(40);
  const queries = panels.flatMap(({ title, queries: all }) =>
    all.map((query) => ({ title, expr: withoutVariables(query, rateInterval) })),
  );
  await eventually(
    async () => {
      const answers = await Promise.all(
        queries.map(async ({ title, expr }) => {
          const samples = await prometheus.query(expr);
          return samples.some(({ value }) => Number.isFinite(value)) ? [] : [{ title, expr }];
        }),
      );
      expect(answers.flat()).toEqual([]);
    },
    { timeout: 60_000, every: 1_000 },
  );
}, 300_000);

test('annotations of dashboards are valid, and each process has one for its start', async () => {
  const marks = Object.values(dashboards).flatMap(({ annotations }) => annotations?.list ?? []);
  expect(marks.length).toBeGreaterThan(5);
  for (const { name, expr = '' } of marks) {
    const samples = await eventually(async () => {
      const found = await prometheus.query(withoutVariables(expr, rateInterval));
      // A process that a scrape did not reach in time is left out until the next one.
      if (name === 'Starts of processes') expect(found).toHaveLength(5);
      return found;
    });
    if (name !== 'Starts of processes') continue;
    // Grafana takes the value for the time in milliseconds.
    for (const { value } of samples) expect(Math.abs(value - Date.now())).toBeLessThan(3_600_000);
  }
});

test('Prometheus has the events of the scenario', async () => {
  const value = async (expr: string): Promise<number | undefined> =>
    (await prometheus.query(expr))[0]?.value;
  await eventually(async () => {
    // Two recipients, and the sender who gets two DSNs.
    expect(await value('sum(mysmtp_delivery_finished_total{status="delivered"})')).toBe(4);
    expect(await value('sum(mysmtp_delivery_finished_total{status="bounced"})')).toBe(2);
    expect(await value('sum(mysmtp_delivery_attempts_total{outcome="transient"})')).toBe(2);
    expect(await value('max(mysmtp_erasures{state="completed_live"})')).toBe(1);
    expect(await value('mysmtp_queue_messages_waiting{store="queue.delivery.mail"}')).toBe(0);
  });
});

test('the services register exactly the metrics in their sources', async () => {
  const scraped = (await prometheus.metrics()).filter((name) => name.startsWith('mysmtp_'));
  expect(scraped.length).toBeGreaterThan(50);
  const registered = await registeredMetrics();
  expect(scraped.filter((name) => !registered.includes(name))).toEqual([]);
});

test('every service is ready, and reports it', async () => {
  await eventually(async () => {
    const ready = await prometheus.query('mysmtp_ready');
    expect(ready.map(({ value }) => value)).toEqual([1, 1, 1, 1, 1]);
  });
});

const asking = [
  ...alerts.map(({ alert, labels, expr }) => [`${alert} (${labels.severity})`, expr] as const),
  ...recordings.map(({ record, expr }) => [record, expr] as const),
];
test.each(asking)('%s: Prometheus accepts it, and has every metric in it', async (name, expr) => {
  await prometheus.query(expr);
  const selectors = selectorsOf(expr);
  expect(selectors.length > 0).toBe(!name.startsWith(watchdog));
  for (const selector of selectors) {
    const samples = await eventually(async () => {
      const found = await prometheus.query(selector);
      expect(found.length, selector).toBeGreaterThan(0);
      return found;
    });
    for (const { metric } of samples) {
      expect(metric, selector).toMatchObject({ namespace: 'mysmtp' });
      // Recorded series belong to a namespace, not to a process.
      if (recorded.has(selector)) continue;
      expect(metric['pod'], selector).toBe(`${metric['job'] ?? ''}-0`);
    }
  }
});

test('no alert fires after an erasure, and a stopped service is reported by its name', async () => {
  const firing = (await unexpected()).filter(({ state }) => state === 'firing');
  expect(firing).toEqual([]);
  await current().process('logging').stop();
  await eventually(async () => {
    const missed = (await prometheus.alerts()).filter(
      ({ labels }) => labels['alertname'] === 'MysmtpServiceDown',
    );
    const about = missed.map(({ labels: { job, severity } }) => `${job ?? ''} ${severity ?? ''}`);
    expect(about.toSorted()).toEqual(['logging critical', 'logging warning']);
  });
});

/** Waits until this alert fires; `rule`: of which rule of detection. */
const fires = (alert: string, severity: string, rule?: string) =>
  eventually(async () => {
    const firing = (await prometheus.alerts()).filter(({ state }) => state === 'firing');
    const found = firing.map(({ labels }) => [
      labels['alertname'],
      labels['severity'],
      labels['rule'],
    ]);
    expect(found).toContainEqual([alert, severity, rule]);
  });

test('an entry of the audit chain that is changed in the database is a finding, a metric and an alert', async () => {
  const logging = current().process('logging');
  logging.start();
  await logging.ready();
  const { operator } = description();
  const broken = async () =>
    (await findingsFor(description(), operator.token)).filter(
      ({ rule }) => rule === 'chain-broken',
    );
  // Everything that somebody does is an entry.
  const { token } = await sendMuch(current(), { usual: 200, different: 50 });
  expect(await broken()).toEqual([]);

  await changeAuditEntry(current());
  await eventually(async () =>
    expect(await broken()).toMatchObject([{ severity: 'high', tenant: null }]),
  );
  await eventually(async () =>
    expect(await prometheus.query('mysmtp_audit_chain_broken')).toMatchObject([{ value: 1 }]),
  );
  await fires('MysmtpAuditChainBroken', 'critical');
  await fires('MysmtpFinding', 'critical', 'chain-broken');
  // It is a finding for operators only.
  expect(await findingsFor(description(), token)).toEqual([]);
});

test('a customer that sends far more than usual, or to far more new recipients, is a finding for it and the operator; one that does neither is not', async () => {
  const usual = await sendMuch(current(), { usual: 200, different: 50 });
  for (const [rule, how] of [
    ['sending-volume', { usual: 20, different: 50 }],
    ['new-recipients', { usual: 200, different: 150 }],
  ] as const) {
    const { tenant, token } = await sendMuch(current(), how);
    const found = { rule, severity: 'medium', tenant };
    await eventually(async () =>
      expect(await findingsFor(description(), token)).toMatchObject([found]),
    );
    const { operator } = description();
    expect(await findingsFor(description(), operator.token)).toContainEqual(
      expect.objectContaining(found),
    );
    await fires('MysmtpFinding', 'warning', rule);
  }
  expect(await findingsFor(description(), usual.token)).toEqual([]);
});
