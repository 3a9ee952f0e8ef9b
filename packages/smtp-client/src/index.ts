export { capabilitiesOf, type Capabilities, type Limits } from './capabilities.ts';
export type { Envelope, Recipient } from './commands.ts';
export type { Content } from './content.ts';
export { SessionFailure, type Failure, type Reason, type Stage } from './failure.ts';
export { connect, openSession, type SessionOptions } from './open-session.ts';
export type { Identity, Security, TlsTicket, TlsUse } from './security.ts';
export type { SendOptions, SendResult, Session, SessionEnd } from './session.ts';
export { rfcTimeouts, type Timeouts } from './timeouts.ts';
export type { NextMessage, RecipientResult } from './transaction.ts';
