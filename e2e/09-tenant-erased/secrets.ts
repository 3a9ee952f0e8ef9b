/** Everything about the customer that nobody may find afterwards. */
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

/** The secrets as they were written, and the addresses also as they went through SMTP. */
export const secretTexts: readonly string[] = [
  ...Object.values(secrets),
  ascii(secrets.recipient),
  ascii(secrets.deferred),
  ascii(secrets.bounced),
];
