import { describe } from 'vitest';
import { changeTests } from './accounts/changes.ts';
import { departureTests } from './accounts/departures.ts';
import { factorTests } from './accounts/factors.ts';
import { invitationTests } from './accounts/invitations.ts';
import { ownAccountTests } from './accounts/own-account.ts';
import { registrationTests } from './accounts/registration.ts';
import { sessionTests } from './accounts/sessions.ts';
import { signInTests } from './accounts/sign-in.ts';
import { throttleTests } from './accounts/throttle.ts';
import { shareProcesses } from './accounts/processes.ts';

shareProcesses();

describe('registration', registrationTests);
describe('sign-in', signInTests);
describe('second factors', factorTests);
describe('sessions', sessionTests);
describe('own account and owner', ownAccountTests);
describe('changes of an account', changeTests);
describe('invitations', invitationTests);
describe('departures', departureTests);
describe('throttle', throttleTests);
