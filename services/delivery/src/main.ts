import { runService } from '@mysmtp/service';
import { settings } from './config.ts';
import { openResources } from './resources.ts';

/** Delivery: takes sealed mail from the broker and delivers it to the recipients' MX, or defers it. */
await runService({ name: 'delivery', settings, open: openResources });
