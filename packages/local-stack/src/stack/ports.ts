import { serviceNames, type ServiceName } from '@mysmtp/contracts';

export type PortName =
  | 'smtpStarttls'
  | 'smtpTls'
  | 'smtpNetwork'
  | 'mxSmtp'
  | 'mxWeb'
  | `${ServiceName}Api`
  | `${ServiceName}Internal`
  | `${ServiceName}Operations`;

/** The preferred ports of a stack. */
export const preferredPorts = {
  smtpStarttls: 2587,
  smtpTls: 2465,
  smtpNetwork: 2525,
  mxSmtp: 2526,
  mxWeb: 8025,
  ...Object.fromEntries(serviceNames.map((name, index) => [`${name}Api`, 8081 + index])),
  ...Object.fromEntries(serviceNames.map((name, index) => [`${name}Internal`, 8181 + index])),
  ...Object.fromEntries(serviceNames.map((name, index) => [`${name}Operations`, 9081 + index])),
} as Readonly<Record<PortName, number>>;
