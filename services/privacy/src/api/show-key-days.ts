import { internalApis, type KeyDays } from '@mysmtp/contracts';
import { implement, type Route } from '@mysmtp/http';

export function showKeyDaysRoute({ days }: { readonly days: KeyDays }): Route {
  return implement(
    internalApis.keyDays,
    'For how many days keys live: nobody keeps for longer what lies under them',
    () => Promise.resolve(days),
  );
}
