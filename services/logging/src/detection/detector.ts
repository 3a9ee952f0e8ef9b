import { hour, type SecurityEventType, type Severity } from '@mysmtp/contracts';
import { LRUCache } from 'lru-cache';
import { rules, type Found, type Observed, type Rule, type RuleName } from './rules.ts';

/** A finding. It has the same id whenever the same event is seen again. */
export interface Finding extends Found {
  readonly id: string;
  readonly rule: RuleName;
  readonly severity: Severity;
  /** When the event happened that completed it. Milliseconds. */
  readonly at: number;
  /** The id of that event. */
  readonly event: string;
}

export interface Detector {
  /** What the rules find in this event and in those before it. */
  see(event: Observed): Finding[];
  /** Lets a rule report this again: it could not be written. */
  forget(finding: Pick<Finding, 'rule' | 'about'>): void;
  /** Takes over a finding of before a restart, so that it is not made again. */
  remember(finding: Pick<Finding, 'rule' | 'about' | 'at'>): void;
}

/** For so long a rule does not report the same again. Milliseconds. */
export const quiet = hour;
const remembered = 20_000;

const keyOf = (rule: RuleName, about: string): string => `${rule} ${about}`;

/** How far back the rules look at most, by type of event. Milliseconds. */
export function reach(): ReadonlyMap<SecurityEventType, number> {
  const longest = new Map<SecurityEventType, number>();
  for (const { types, span } of Object.values<Rule>(rules)) {
    for (const type of types) longest.set(type, Math.max(span, longest.get(type) ?? 0));
  }
  return longest;
}

/** All rules with their memory. They see each event once, in about the order of time. */
export function createDetector(): Detector {
  const named = Object.entries<Rule>(rules) as [RuleName, Rule][];
  const byType = new Map<
    string,
    { name: RuleName; rule: Rule; see: ReturnType<Rule['start']> }[]
  >();
  for (const [name, rule] of named) {
    const started = { name, rule, see: rule.start() };
    for (const type of rule.types) byType.set(type, [...(byType.get(type) ?? []), started]);
  }
  const reported = new LRUCache<string, number>({ max: remembered });

  return {
    see(event) {
      const findings: Finding[] = [];
      for (const { name, rule, see } of byType.get(event.type) ?? []) {
        const found = see(event);
        if (found === undefined) continue;
        const key = keyOf(name, found.about);
        if ((reported.get(key) ?? -Infinity) > event.at - quiet) continue;
        reported.set(key, event.at);
        const { id, at } = event;
        const { severity } = rule;
        findings.push({ ...found, id: `${id}:${name}`, rule: name, severity, at, event: id });
      }
      return findings;
    },
    forget: ({ rule, about }) => void reported.delete(keyOf(rule, about)),
    remember: ({ rule, about, at }) => void reported.set(keyOf(rule, about), at),
  };
}
