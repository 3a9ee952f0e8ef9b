import type { PersonExport } from '@mysmtp/contracts';

type Data = PersonExport['data'];

/** The form in which addresses are compared, as in blind indexes: only the domain in lower case. */
function formOf(address: string): string {
  const at = address.lastIndexOf('@');
  return address.slice(0, at) + address.slice(at).toLowerCase();
}

/** `j***@example.net`: the person may recognise whom it is about, and others learn no address. */
function maskOf(address: string): string {
  const at = address.lastIndexOf('@');
  return at <= 0 ? '' : `${address.slice(0, 1)}***${address.slice(at)}`;
}

/** The data with the addresses of all other people masked (GDPR Art. 15(4)). */
export function masked(data: Data, person: string): Data {
  const mask = (address: string) =>
    formOf(address) === formOf(person) ? address : maskOf(address);
  return {
    ...data,
    'delivery.deferred': data['delivery.deferred'].map(({ sender, recipients, ...mail }) => ({
      ...mail,
      sender: mask(sender),
      recipients: recipients.map(({ address, status }) => ({ address: mask(address), status })),
    })),
    'identity.challenges': data['identity.challenges'].map(({ address, ...begun }) => ({
      ...begun,
      address: address === null || begun.kind !== 'invitation' ? address : mask(address),
    })),
    // The customer's own words and the id of the header may name others too.
    'logging.messages': data['logging.messages'].map(({ sender, recipient, ...row }) => ({
      ...row,
      sender: mask(sender),
      recipient: mask(recipient),
      messageId: '',
      tags: [],
    })),
  };
}
