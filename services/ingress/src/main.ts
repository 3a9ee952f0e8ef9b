import { runService } from '@mysmtp/service';
import { settings } from './config.ts';
import { openResources } from './resources.ts';

/** Ingress: accepts mail from authorized senders, seals it, and answers 250 after the broker's confirm. */
await runService({ name: 'ingress', settings, open: openResources });
