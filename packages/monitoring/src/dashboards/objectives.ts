import { dashboard, here, rate } from './frame.ts';
import { heatmap, lines, number, table } from './panels.ts';

/** The share of errors that each objective allows (charts/mysmtp/alerts/slo.yaml). */
const budgets = { accept: 0.001, delivery: 0.01 } as const;
type Objective = keyof typeof budgets;

const errors = (objective: Objective, window: string): string =>
  `max(namespace:mysmtp_${objective}_errors:ratio_rate${window}{${here}})`;

/** The burn rate: how many times faster than allowed the budget is used up. */
const burn = (objective: Objective, window: string): string =>
  `max by (namespace) (namespace:mysmtp_${objective}_errors:ratio_rate${window}{${here}}) / ${String(budgets[objective])}`;

const kept = (objective: Objective, window: string, title: string, description: string) =>
  number({
    title,
    description,
    unit: 'percentunit',
    queries: { kept: `1 - ${errors(objective, window)}` },
    lowIsBad: true,
    odd: 1 - 2 * budgets[objective],
    bad: 1 - budgets[objective],
  });

const now = [
  kept(
    'accept',
    '1h',
    'Accepted within 1 s, last hour',
    'Below 99.9 % see MysmtpAcceptSloBurning.',
  ),
  kept('accept', '1d', 'Accepted within 1 s, last day', 'The worst of the chosen namespaces.'),
  kept(
    'accept',
    '3d',
    'Accepted within 1 s, last 3 days',
    'Of all mail that was not refused for an error of the client.',
  ),
  kept(
    'delivery',
    '1h',
    'Delivered within 60 s, last hour',
    'Below 99 % see the runbook of MysmtpDeliverySloBurning.',
  ),
  kept('delivery', '1d', 'Delivered within 60 s, last day', 'The worst of the chosen namespaces.'),
  kept(
    'delivery',
    '3d',
    'Delivered within 60 s, last 3 days',
    'Of all mail that its receiver accepted at the first attempt.',
  ),
];

const burning = (objective: Objective, title: string, description: string) =>
  lines({
    title,
    description,
    unit: 'suffix: ×',
    queries: Object.fromEntries(
      ['5m', '1h', '6h', '3d'].map((window) => [
        `{{namespace}} ${window}`,
        burn(objective, window),
      ]),
    ),
    odd: 1,
    bad: 14.4,
  });

const budgetsUsed = [
  burning(
    'accept',
    'Burn rate of the budget of accepting',
    '1 is as fast as allowed; 14.4 for an hour pages: MysmtpAcceptSloBurning.',
  ),
  burning(
    'delivery',
    'Burn rate of the budget of delivering',
    '1 is as fast as allowed; 14.4 for an hour pages: MysmtpDeliverySloBurning.',
  ),
  lines({
    title: 'Mail that each objective counts, by the hour',
    description:
      'Below a hundred in a window no alert fires: one message would be too large a share.',
    unit: 'short',
    queries: {
      '{{namespace}} accepted or refused by us': `max by (namespace) (namespace:mysmtp_accept_events:increase1h{${here}})`,
      '{{namespace}} accepted at the first attempt': `max by (namespace) (namespace:mysmtp_delivery_events:increase1h{${here}})`,
    },
  }),
  heatmap({
    title: 'From our 250 to the remote 250, accepted at the first attempt',
    description: 'The mail of the objective; above 60 seconds is late.',
    unit: 's',
    buckets: `sum by (le) (increase(mysmtp_delivery_seconds_bucket{${here}, status="accepted"}[${rate}]))`,
  }),
];

const alerts = [
  table({
    title: 'Firing alerts',
    description: 'MysmtpWatchdog always fires; without it no other alert arrives either.',
    unit: 'short',
    queries: {
      firing: `ALERTS{alertname=~"Mysmtp.+", alertstate="firing", ${here}}`,
    },
  }),
];

export const objectives = dashboard({
  uid: 'mysmtp-objectives',
  title: 'mySMTP: objectives',
  description: 'Whether mail is accepted and delivered as fast as promised, and which alerts fire.',
  rows: [
    { title: 'Objectives', panels: now },
    { title: 'Budgets', panels: budgetsUsed },
    { title: 'Alerts', panels: alerts },
  ],
});
