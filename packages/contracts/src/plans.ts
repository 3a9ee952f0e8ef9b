import { z } from 'zod';

/** What is counted of accepted mail. */
export const measures = ['messages', 'recipients', 'octets'] as const;
export type Measure = (typeof measures)[number];

/** The UTC hour, day and month in which it is counted. */
export const windows = ['hour', 'day', 'month'] as const;
export type Window = (typeof windows)[number];

/** Whose mail is counted: that of a tenant, and that of each of its credentials. */
export type QuotaSubject = 'tenant' | 'credential';

type OfTenant = `${Measure}Per${Capitalize<Window>}`;
export type QuotaName = OfTenant | `credential${Capitalize<OfTenant>}`;

const capital = <Word extends string>(word: Word) =>
  `${word.slice(0, 1).toUpperCase()}${word.slice(1)}` as Capitalize<Word>;

/** The limit of one count: `messagesPerHour` of a tenant, `credentialMessagesPerHour` of a credential. */
export function quotaName(subject: QuotaSubject, measure: Measure, window: Window): QuotaName {
  const name = `${measure}Per${capital(window)}` as const;
  return subject === 'tenant' ? name : `credential${capital(name)}`;
}

/** All counts of a subject, in the order in which they are kept: by window, then by measure. */
export const quotasOf = (subject: QuotaSubject): QuotaName[] =>
  windows.flatMap((window) => measures.map((measure) => quotaName(subject, measure, window)));

/** Whose mail a limit counts, what of it, and in which window. */
interface QuotaParts {
  readonly subject: QuotaSubject;
  readonly measure: Measure;
  readonly window: Window;
}

const partsOf = Object.fromEntries(
  (['tenant', 'credential'] as const).flatMap((subject) =>
    windows.flatMap((window) =>
      measures.map((measure): [string, QuotaParts] => [
        quotaName(subject, measure, window),
        { subject, measure, window },
      ]),
    ),
  ),
) as Record<QuotaName, QuotaParts>;

export const quotaParts = (name: QuotaName): QuotaParts => partsOf[name];

/** The limits that are no counts of mail. */
const otherLimits = [
  /** SMTP connections that are authenticated for the tenant and open at once. */
  'connections',
  /** Credentials at once. */
  'credentials',
  /** API keys at once. Those that are being replaced count apart, up to as many. */
  'apiKeys',
  /** API requests of all keys and people of the tenant. */
  'apiRequestsPerMinute',
  /** Percent of the recipients of a credential whose mail may bounce in a UTC day, before it is throttled. */
  'bouncePercent',
  /** Messages of a credential that is throttled because of that. */
  'throttledMessagesPerHour',
] as const;

/** So many recipients must have bounced in the day before a credential is throttled. */
export const bouncesBeforeThrottle = 100;

export type LimitName = QuotaName | (typeof otherLimits)[number];
export const limitNames: readonly LimitName[] = [
  ...quotasOf('tenant'),
  ...quotasOf('credential'),
  ...otherLimits,
];

export type Limits = Readonly<Record<LimitName, number>>;

/** Some limits of a tenant. A limit that is absent is that of the plan. */
export const SomeLimits = z.strictObject(
  Object.fromEntries(limitNames.map((name) => [name, z.int().nonnegative().optional()])) as Record<
    LimitName,
    z.ZodOptional<z.ZodInt>
  >,
);
export type SomeLimits = z.infer<typeof SomeLimits>;

const gigabyte = 1_000_000_000;

/** A plan from its hourly limits. A day is ten busy hours, a month is twenty busy days. */
function plan(
  hourly: Readonly<Record<Measure, number>>,
  others: Readonly<Record<(typeof otherLimits)[number], number>>,
): Limits {
  const factors = { hour: 1, day: 10, month: 200 } as const;
  const counts = (['tenant', 'credential'] as const).flatMap((subject) =>
    windows.flatMap((window) =>
      measures.map((measure) => [
        quotaName(subject, measure, window),
        hourly[measure] * factors[window],
      ]),
    ),
  );
  return { ...(Object.fromEntries(counts) as Record<QuotaName, number>), ...others };
}

/**
 * The plans. One credential may use all that its tenant may. `large` is the plan of a tenant for which none
 * was chosen: it limits the damage of a runaway client, and is above what one machine can accept.
 */
export const plans = {
  small: plan(
    { messages: 1_000, recipients: 2_000, octets: gigabyte },
    {
      connections: 20,
      credentials: 10,
      apiKeys: 20,
      apiRequestsPerMinute: 600,
      bouncePercent: 10,
      throttledMessagesPerHour: 10,
    },
  ),
  medium: plan(
    { messages: 50_000, recipients: 100_000, octets: 50 * gigabyte },
    {
      connections: 100,
      credentials: 100,
      apiKeys: 200,
      apiRequestsPerMinute: 6_000,
      bouncePercent: 10,
      throttledMessagesPerHour: 500,
    },
  ),
  large: plan(
    { messages: 10_000_000, recipients: 20_000_000, octets: 1_000 * gigabyte },
    {
      connections: 2_000,
      credentials: 10_000,
      apiKeys: 2_000,
      apiRequestsPerMinute: 60_000,
      bouncePercent: 10,
      throttledMessagesPerHour: 100_000,
    },
  ),
} as const satisfies Readonly<Record<string, Limits>>;

export type PlanName = keyof typeof plans;
export const planNames = Object.keys(plans) as [PlanName, ...PlanName[]];
export const defaultPlan: PlanName = 'large';

/** The limits of a plan, and those of the tenant itself in their place. */
export const limitsOf = (plan: PlanName = defaultPlan, own: SomeLimits = {}): Limits => ({
  ...plans[plan],
  ...(own as Partial<Limits>),
});
