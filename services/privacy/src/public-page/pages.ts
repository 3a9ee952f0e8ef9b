import {
  privacyApi,
  requestKinds,
  type CopyState,
  type RequestKind,
  type RequestOutcome,
  type RequestState,
} from '@mysmtp/api';
import { escapeHtml, type Page } from '@mysmtp/http';
import type { OperatorFacts } from '../documents/operator.ts';
import { contactOf } from '../documents/parts.ts';
import { text, type Language, type Text } from '../documents/text.ts';
import { copyNames, kindNames, stateNames } from '../mails/texts.ts';

/** The pages for people without an account. They work without scripts. */

/** Where each form goes. */
const paths = {
  form: privacyApi.requestPublicly.path,
  confirm: privacyApi.confirmRequest.path,
  status: privacyApi.showRequestStatus.path,
  download: privacyApi.downloadCopy.path,
  withdraw: privacyApi.withdrawRequest.path,
  notice: privacyApi.showNotice.path,
} as const;

type Write = (one: Text) => string;

const writer =
  (language: Language): Write =>
  (one) =>
    escapeHtml(one[language]);

const otherLanguage = (language: Language, path: string): string => {
  const [other, name] = language === 'en' ? ['de', 'Deutsch'] : ['en', 'English'];
  const href = `${path}?language=${other}`;
  return `<p><a href="${href}" lang="${other}" hreflang="${other}">${name}</a></p>`;
};

const hidden = (name: string, value: string): string =>
  `<input type="hidden" name="${name}" value="${escapeHtml(value)}">`;

/** Who answers, how to reach them in another way, and until when. */
export function contactSection(language: Language, facts: OperatorFacts): string {
  const write = writer(language);
  const { dataProtectionOfficer: officer } = facts;
  return `<section>
<h2>${write(text('Who answers, and when', 'Wer antwortet, und wann'))}</h2>
<p>${write(
    text(
      'You get an answer within one month. We want to be done in 72 hours. If it takes longer than a month, you learn the reason before the month ends.',
      'Sie bekommen innerhalb eines Monats eine Antwort. Wir wollen nach 72 Stunden fertig sein. Wenn es länger als einen Monat dauert, erfahren Sie den Grund, bevor der Monat um ist.',
    ),
  )}</p>
<p>${write(
    text(
      'We relay mail for customers. They decide whom they write to, so your request goes to each customer that has your address. You learn what was done. You learn for whom only if the customer agrees.',
      'Wir leiten E-Mails für Kunden weiter. Sie entscheiden, wem sie schreiben. Deshalb geht Ihre Anfrage an jeden Kunden, der Ihre Adresse hat. Sie erfahren, was getan wurde. Für wen, erfahren Sie nur, wenn der Kunde es erlaubt.',
    ),
  )}</p>
<p>${write(
    text(
      'You can also write to us. A letter has the same clock.',
      'Sie können uns auch schreiben. Für einen Brief gilt dieselbe Frist.',
    ),
  )}</p>
<address>${write(contactOf(officer ?? facts))}</address>
<p><a href="${paths.notice}?language=${language}">${write(
    text('Privacy notice', 'Datenschutzerklärung'),
  )}</a></p>
</section>`;
}

function choiceOf(kind: RequestKind, write: Write): string {
  const checked = kind === 'access' ? ' checked' : '';
  return `<label><input type="radio" name="kind" value="${kind}" required${checked}>${write(kindNames[kind])}</label>`;
}

const statusForm = (language: Language, write: Write): string => `<section>
<h2>${write(text('You have requested something already', 'Sie haben schon etwas verlangt'))}</h2>
<form method="post" action="${paths.status}">
${hidden('language', language)}
<label for="secret">${write(
  text(
    'Secret that you got when you confirmed',
    'Geheimnis, das Sie bei der Bestätigung bekommen haben',
  ),
)}</label>
<input type="text" id="secret" name="secret" required pattern="[A-Za-z0-9_\\-]{43}" autocomplete="off">
<div><button type="submit">${write(text('Show the state', 'Stand zeigen'))}</button></div>
</form>
</section>`;

/** Rectification needs the right value: an account or a letter. */
const publicKinds = requestKinds.filter((kind) => kind !== 'rectification');

export function formPage(language: Language, facts: OperatorFacts): Page {
  const write = writer(language);
  return {
    language,
    title: text('Your data at our relay', 'Ihre Daten bei unserem Mail-Dienst')[language],
    hasForm: true,
    main: `${otherLanguage(language, paths.form)}
<p>${write(
      text(
        'You sent or received mail that went through us, and want to use a right. Enter the email address that it concerns. We send a mail to it, because only its owner may decide.',
        'Sie haben E-Mails gesendet oder bekommen, die über uns liefen, und wollen ein Recht nutzen. Geben Sie die E-Mail-Adresse an, um die es geht. Wir senden eine E-Mail dorthin, denn nur wem sie gehört, darf entscheiden.',
      ),
    )}</p>
<form method="post" action="${paths.form}">
${hidden('language', language)}
<label for="address">${write(text('Email address', 'E-Mail-Adresse'))}</label>
<input type="email" id="address" name="address" required maxlength="254" autocomplete="email">
<fieldset>
<legend>${write(text('What do you want?', 'Was wollen Sie?'))}</legend>
${publicKinds.map((kind) => choiceOf(kind, write)).join('\n')}
</fieldset>
<p>${write(
      text(
        'To correct data, write to us: nothing may be changed before we know what is right.',
        'Um Daten zu berichtigen, schreiben Sie uns: nichts darf geändert werden, bevor wir wissen, was richtig ist.',
      ),
    )}</p>
<div><button type="submit">${write(text('Send me the mail', 'E-Mail senden'))}</button></div>
</form>
${statusForm(language, write)}
${contactSection(language, facts)}`,
  };
}

export function sentPage(language: Language, facts: OperatorFacts): Page {
  const write = writer(language);
  return {
    language,
    title: text('Look into your mailbox', 'Sehen Sie in Ihr Postfach')[language],
    hasForm: true,
    main: `<p>${write(
      text(
        'We send a mail with a link and a code. They are valid for 30 minutes. You see this page whether we have data about the address or not.',
        'Wir senden eine E-Mail mit einem Link und einem Code. Sie gelten 30 Minuten. Sie sehen diese Seite, ob wir Daten zu der Adresse haben oder nicht.',
      ),
    )}</p>
${codeForm(language, write)}
${contactSection(language, facts)}`,
  };
}

const codeForm = (
  language: Language,
  write: Write,
  code?: string,
): string => `<form method="post" action="${paths.confirm}">
${hidden('language', language)}
<label for="code">${write(text('Code from the mail', 'Code aus der E-Mail'))}</label>
<input type="text" id="code" name="code" required pattern="[A-Za-z0-9_\\-]{22}" autocomplete="one-time-code"${code === undefined ? '' : ` value="${escapeHtml(code)}"`}>
<div><button type="submit">${write(text('Confirm', 'Bestätigen'))}</button></div>
</form>`;

export function confirmPage(language: Language, code: string | undefined): Page {
  const write = writer(language);
  return {
    language,
    title: text('Confirm your request', 'Bestätigen Sie Ihre Anfrage')[language],
    hasForm: true,
    main: `<p>${write(
      text(
        'Nothing happens before you press the button.',
        'Es passiert nichts, bevor Sie auf den Knopf drücken.',
      ),
    )}</p>
${codeForm(language, write, code)}`,
  };
}

export function confirmedPage(
  language: Language,
  facts: OperatorFacts,
  { id, secret, nonce }: { readonly id: string; readonly secret: string; readonly nonce: string },
): Page {
  const write = writer(language);
  return {
    language,
    title: text('Your request has arrived', 'Ihre Anfrage ist eingegangen')[language],
    hasForm: true,
    main: `<p><strong>${write(
      text('Keep this. It is shown once.', 'Bewahren Sie das auf. Es wird einmal gezeigt.'),
    )}</strong></p>
<dl>
<dt>${write(text('Number of the request', 'Nummer der Anfrage'))}</dt><dd><code>${escapeHtml(id)}</code></dd>
<dt>${write(text('Secret, shows the state', 'Geheimnis, zeigt den Stand'))}</dt><dd><code>${escapeHtml(secret)}</code></dd>
<dt>${write(
      text(
        'Nonce, shows that a certificate is about you',
        'Nonce, zeigt, dass eine Bescheinigung Sie betrifft',
      ),
    )}</dt><dd><code>${escapeHtml(nonce)}</code></dd>
</dl>
<form method="post" action="${paths.status}">
${hidden('language', language)}${hidden('secret', secret)}
<div><button type="submit">${write(text('Show the state', 'Stand zeigen'))}</button></div>
</form>
${contactSection(language, facts)}`,
  };
}

const day = (time: string): string => time.slice(0, 10);
const minuteOf = (time: string): string => `${day(time)} ${time.slice(11, 16)} UTC`;

export interface ShownStatus {
  readonly kind: RequestKind;
  readonly state: RequestState;
  readonly receivedAt: string;
  readonly dueAt: string;
  readonly cancellable: boolean;
  readonly parts: readonly RequestOutcome[];
}

export function statusPage(
  language: Language,
  facts: OperatorFacts,
  { secret, ...status }: ShownStatus & { readonly secret: string },
): Page {
  const write = writer(language);
  const item = (part: RequestOutcome): string =>
    [
      `<li>${part.by === null ? write(text('A customer', 'Ein Kunde')) : escapeHtml(part.by)}: ${write(stateNames[part.state])}`,
      ...(part.reason === null ? [] : [`<br>${escapeHtml(part.reason)}`]),
      ...(part.certificate === null
        ? []
        : [
            `<br>${write(text('Certificate', 'Bescheinigung'))}: <code>${escapeHtml(part.certificate)}</code>`,
          ]),
      ...(part.copy === null ? [] : [`<br>${copyOf(part, part.copy)}`]),
      ...(part.notified.length === 0 ? [] : [told(part.notified)]),
      '</li>',
    ].join('');
  const told = (notified: RequestOutcome['notified']): string => `<p>${write(
    text(
      'These companies work for us and may have copies. What they learn has no name and no address:',
      'Diese Firmen arbeiten für uns und können Kopien haben. Was sie erfahren, enthält keinen Namen und keine Adresse:',
    ),
  )}</p>
<ul>
${notified.map(lineOf).join('\n')}
</ul>`;
  function lineOf({ recipient, at, reason }: RequestOutcome['notified'][number]): string {
    const said =
      at === null
        ? write(
            reason === null
              ? text('not told yet', 'noch nicht benachrichtigt')
              : text(`not told: ${reason}`, `nicht benachrichtigt: ${reason}`),
          )
        : `${write(text('told', 'benachrichtigt'))} ${minuteOf(at)}`;
    return `<li>${escapeHtml(recipient)}: ${said}</li>`;
  }
  function copyOf({ by, download }: RequestOutcome, copy: CopyState): string {
    const name = write(copyNames[copy]);
    if (download === null) return name;
    const from = by === null ? '' : ` (${escapeHtml(by)})`;
    return `${name} ${minuteOf(download.until)}
<form method="post" action="${paths.download}">
${hidden('secret', secret)}${hidden('part', download.part)}
<div><button type="submit">${write(text('Download the copy', 'Kopie abrufen'))}${from}</button></div>
</form>`;
  }
  return {
    language,
    title: text('Your request', 'Ihre Anfrage')[language],
    hasForm: true,
    main: `<dl>
<dt>${write(text('You want', 'Sie wollen'))}</dt><dd>${write(kindNames[status.kind])}</dd>
<dt>${write(text('State', 'Stand'))}</dt><dd>${write(stateNames[status.state])}</dd>
<dt>${write(text('Received', 'Eingegangen'))}</dt><dd>${day(status.receivedAt)}</dd>
<dt>${write(text('Answered at the latest', 'Beantwortet spätestens'))}</dt><dd>${day(status.dueAt)}</dd>
</dl>
${status.parts.length === 0 ? '' : `<ul>\n${status.parts.map(item).join('\n')}\n</ul>`}
${
  status.cancellable
    ? `<form method="post" action="${paths.withdraw}">
${hidden('language', language)}${hidden('secret', secret)}
<div><button type="submit">${write(text('Withdraw the request', 'Anfrage zurückziehen'))}</button></div>
</form>`
    : ''
}
${contactSection(language, facts)}`,
  };
}
