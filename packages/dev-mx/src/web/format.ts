const clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });
const day = new Intl.DateTimeFormat('en-GB', { dateStyle: 'full' });
const full = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeStyle: 'long' });
const count = new Intl.NumberFormat('en-GB');

export const formatClock = (date: Date): string => clock.format(date);
export const formatFull = (date: Date): string => full.format(date);
export const formatCount = (value: number): string => count.format(value);

export function formatDay(date: Date, now: Date): string {
  const name = day.format(date);
  const yesterday = new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1);
  if (name === day.format(now)) return 'Today';
  return name === day.format(yesterday) ? 'Yesterday' : name;
}

/** The Date field of a mail in readable form; unchanged if it is no date. */
export function formatDateField(value: string): string {
  const date = new Date(value);
  return Number.isNaN(date.getTime()) ? value : formatFull(date);
}

export function formatSize(octets: number): string {
  if (octets < 1024) return `${String(octets)} B`;
  if (octets < 1024 * 1024) return `${(octets / 1024).toFixed(1)} KB`;
  return `${(octets / 1024 / 1024).toFixed(1)} MB`;
}
