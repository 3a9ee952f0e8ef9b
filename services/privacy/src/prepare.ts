import { openDeletionCounts } from '@mysmtp/erasure';
import { openProjectionCollection } from '@mysmtp/projection';
import { prepareDatabase } from '@mysmtp/service';
import { openAuditHeadModel } from './audit-heads/heads.ts';
import { openDeadLetterModel } from './dead-letters/dead-letter.ts';
import { openBreachModel } from './breaches/register.ts';
import { openConsentModel } from './consents/ledger.ts';
import { openEditions } from './documents/editions.ts';
import { openAnswers } from './erasures/answers.ts';
import { openLedger } from './erasures/ledger.ts';
import { openExportModel } from './exports/exports.ts';
import { openOrderModels } from './orders/model.ts';
import { openHoldModel } from './holds/register.ts';
import { openMailModel } from './mails/outbox.ts';
import { openRequestModel } from './requests/model.ts';
import { openPolicyModel } from './requests/policy.ts';
import { openRootModel } from './keyring/root.ts';
import { openTenantModel } from './tenants/tenant.ts';

await prepareDatabase('privacy', (database, clock) =>
  Promise.all([
    openRootModel(database),
    openTenantModel(database),
    openDeadLetterModel(database),
    openAuditHeadModel(database),
    openLedger(database),
    openBreachModel(database),
    openEditions(database),
    openConsentModel(database),
    openRequestModel(database),
    openPolicyModel(database),
    openHoldModel(database),
    openMailModel(database),
    openAnswers(database, clock),
    openOrderModels(database),
    openExportModel(database),
    openDeletionCounts(database, clock),
    openProjectionCollection(database, 'identityProjection'),
  ]),
);
