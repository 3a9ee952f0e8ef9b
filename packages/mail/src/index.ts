export {
  asciiDomain,
  checkAddress,
  domainOf,
  isAscii,
  splitAddress,
  withAsciiDomain,
  type AddressParts,
} from './address.ts';
export { asciiField, hasLongLine, writtenField } from './ascii-header.ts';
export {
  itemOverhead,
  lengthOf,
  packBatch,
  unpackBatch,
  type BatchItem,
  type UnpackedItem,
} from './batch.ts';
export { createRelaxedBodyHash, type RelaxedBodyHash } from './body-hash.ts';
export { packMail, unpackMail, type Mail } from './content.ts';
export { mailDate } from './date.ts';
export { unlessMissing } from './dns.ts';
export { buildDsn, type Dsn, type DsnOptions, type DsnRecipient } from './dsn.ts';
export {
  countReceived,
  fieldValue,
  fromAddresses,
  headerFields,
  splitHeaderBlock,
  type HeaderField,
} from './header.ts';
export { createMessageReader, headerLimit, type MessageReader } from './message-reader.ts';
export { withoutRepeats } from './once.ts';
export {
  classify,
  parseEnhancedCode,
  replies,
  replyClassOf,
  replyCode,
  type Reply,
} from './replies.ts';
export { scrubReply } from './scrub.ts';
export { statusOfReply, type RemoteReply, type ReplyStage } from './status.ts';
export { toSevenBit, type SevenBitMessage, type SevenBitRefusal } from './seven-bit.ts';
