/** Mailboxes of functions and not of persons (RFC 2142), and similar ones. */
const roles = `
  abuse admin administrator billing bounce bounces contact contacts customer customers daemon
  delivery devnull ftp hello help helpdesk hostmaster info invoice invoices jobs list mail
  mailer mailer-daemon marketing newsletter news no-reply noc noreply office operator orders
  postmaster press privacy sales security server service services shop support system team usenet
  uucp webmaster www
`;

/**
 * Common words of mail server replies: ours, those in RFC 5321 and RFC 5248, and those of common servers. A
 * word that is also a personal name (may, will, mark, grant, bill, page) is left out on purpose, because as a
 * local part it may be a person.
 */
const words = `
  8bitmime a about accept acceptable accepted accepting accepts access according account accounts
  action active activity actually added address addressee addresses after again against all allow allowed alone
  already also an and another answer any anymore are as ascii at attached attempt attempts auth
  authenticated authentication authentications authorized available away back bad bandwidth bare be
  because been before being between big blacklist blacklisted block blocked blocklist body boundary
  but by can cannot certificate character characters chars check checked checks choose client close
  closed closing code codes command commands complaint complaints complete completed connect
  connected connecting connection connections content control could cr credential credentials data
  database date day days decode deferred delay delayed delete deleted deliver delivered denied
  destination detected did different digits disabled disk dns do does domain domains done dots due
  during each email emails empty enabled encoded encrypted encryption end ended enough error errors
  established exactly exceed exceeded exceeds excessive exist exists expired external failed failure
  feature few file filter first folder for format forward found free from full further gateway given
  goodbye greylisted greylisting had has have header headers helo here high hop hops host hostname
  hosts hour hours how however hyphens id identity if ignored immediate in inactive inbound inbox
  incoming incorrect info information insufficient internal invalid ip is isp issue it its job junk
  keep key known large larger last later learn least left legitimate less letters lf limit limited
  limits line lines list-unsubscribe literal local locally located locked log login long longer look lookup loop lost
  low lower machine made mailbox mailboxes mailing mails maintenance malformed malware many match
  maximum me memory message messages minute minutes misconfigured missing mode more moved much
  multiple must mx my name names need needed needs neither network networks never new next no
  non-ascii none nor not nothing now nul null number objected octet octets of off ok old on once one one-click only open
  option or order original originating other our out outbound over overloaded own owner parameter
  parameters parse part passed password path per permanent permission permitted phishing please
  policy pool port possible prevent problem problems procedure process processing prohibited protocol
  provide provided provider ptr quarantine queue queued quit quota rate reached read ready reason
  reasons receive received receiver receiving recent recipient recipients recognized record records
  refer refused reject rejected relay relaying remote remove removed reply report reported reputation
  request requested requests require required requires reset resolve resolved resources responding
  response restricted result results retried retries retry return returned reverse right route
  routing rule rules same say says secure see seems send sender senders sending sends sent sequence
  servers session set setting settings several should side signature signed since site size small
  smtp smtputf8 so sockets solution some soon source space spam spf spool standard start started
  state status step stopping storage store subject submission submit such supported suspended
  suspicious syntax tag tags take taken takes temporarily temporary terminated text than that the
  their them then there these they this those through time timed timeout times tls to today too
  transaction transfer transient transmission transport tried tries trouble try trying unable
  unauthenticated unauthorized unavailable under underscores unknown unless unreachable unrouteable
  unsolicited until unusual unverified up update upgrade us use used user username users using utf-8
  valid validation verification verified verify version via view violates virus visit volume wait was
  way we web website went were what when where which while whitelist who why with within without word
  words work would write wrong x-mysmtp-tag x-mysmtp-unsubscribe you your
`;

const ordinary: ReadonlySet<string> = new Set(`${roles} ${words}`.trim().split(/\s+/));

/** Whether this word may occur in a reply without being a local part. */
export const isReplyWord = (word: string): boolean => ordinary.has(word.toLowerCase());
