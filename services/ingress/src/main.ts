import { runService } from '@mysmtp/service';
import { settings } from './config.ts';
import { openResources } from './resources.ts';

/** Ingress: takes mail from those who may send, seals it and answers 250 once the broker has it. */
await runService({ name: 'ingress', settings, open: openResources });
