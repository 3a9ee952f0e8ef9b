// Refreshes the inbox: requests it every two seconds (the server answers 304 if nothing changed) and replaces
// the old list with the newer one. Without scripts the page works by reloading.
const interval = 2_000;

function offerCopy(root) {
  for (const button of root.querySelectorAll('button[data-copy]')) {
    if (navigator.clipboard === undefined) continue;
    button.hidden = false;
    button.addEventListener('click', async () => {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
      button.textContent = 'Copied';
    });
  }
}

function replaceInbox(old, fresh) {
  for (const mail of fresh.querySelectorAll('.mail')) {
    mail.classList.toggle('arrived', document.getElementById(mail.id) === null);
  }
  const focused = document.activeElement?.id;
  old.replaceWith(fresh);
  offerCopy(fresh);
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
}

async function refresh() {
  const inbox = document.getElementById('inbox');
  const listening = document.querySelector('.listening');
  try {
    const response = await fetch(location.href, { cache: 'no-cache' });
    if (!response.ok) throw new Error(String(response.status));
    listening.classList.remove('away');
    if (response.headers.get('ETag') === `"${inbox.dataset.version}"`) return;
    const page = new DOMParser().parseFromString(await response.text(), 'text/html');
    const fresh = page.getElementById('inbox');
    if (fresh !== null) replaceInbox(inbox, document.adoptNode(fresh));
  } catch {
    listening.classList.add('away');
  }
}

async function run() {
  if (!document.hidden) await refresh();
  setTimeout(run, interval);
}

if (document.getElementById('inbox') !== null) {
  offerCopy(document);
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) void refresh();
  });
  setTimeout(run, interval);
}
