/** All data of the customer that must not be found afterwards. */
export const secrets = {
  name: 'Müller & Söhne Gartenbau',
  domain: 'gartenbau-mueller.example',
  owner: 'Petra.Müller@gartenbau-mueller.example',
  sender: 'Angebote@gartenbau-mueller.example',
  recipient: 'Karl-Heinz.Weiß@kundschaft-weiss.example',
  recipientDomain: 'kundschaft-weiss.example',
  deferred: 'spaeter.Frau.Schmidt@kundschaft-weiss.example',
  bounced: 'niemand.Herr.Klein@kundschaft-weiss.example',
  subject: 'Angebot 4711: Rasenmäher für den Hof',
  body: 'Vertraulich, Kontonummer 0815-4711-99',
  label: 'Drucker im Büro von Petra',
};

export const ascii = (address: string): string =>
  address.replaceAll('ß', 'ss').replaceAll('ü', 'ue');

const addresses = [
  secrets.owner,
  secrets.sender,
  ...[secrets.recipient, secrets.deferred, secrets.bounced].flatMap((address) => [
    address,
    // As sent over SMTP.
    ascii(address),
  ]),
];

/**
 * The secrets as written, and the addresses also as sent over SMTP and without their domain, because half an
 * address is personal too. Each half is a text that does not occur here by chance.
 */
export const secretTexts: readonly string[] = [
  ...new Set([
    ...Object.values(secrets),
    ...addresses,
    ...addresses.map((address) => address.slice(0, address.indexOf('@'))),
  ]),
];
