import { createFrame } from './frame.ts';
import { connectMcp, fieldsOf, type Mcp, type PageFields, type PageSignIn, SignInNeeded } from './mcp.ts';
import { exchange, findProvider, hostOf, leaveToSignIn, type SignInProvider, takeReturn } from './oauth.ts';

const SIZES = ['instances', 'cores', 'ram', 'storageSize'];

function element<T extends HTMLElement>(id: string, kind: new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`The page has no ${id}`);
  return found;
}

const signIn = element('sign-in', HTMLFormElement);
const token = element('token', HTMLInputElement);
const ionosToken = element('ionos-token', HTMLInputElement);
const elsewhere = element('elsewhere', HTMLElement);
const leaveButton = element('leave-to-sign-in', HTMLButtonElement);
const signOut = element('leave', HTMLButtonElement);
const work = element('work', HTMLElement);
const status = element('status', HTMLElement);
const clusters = element('clusters', HTMLSelectElement);
const change = element('change', HTMLFormElement);
const remove = element('remove', HTMLFormElement);

const EXPIRED = 'The sign-in has expired. Sign in again.';

/** A proxy can serve the page below a path, with or without a slash at its end. */
const base = location.pathname.endsWith('/') ? location.pathname : `${location.pathname}/`;

let mcp: Mcp | undefined;
let signedIn: PageSignIn = {};
let provider: SignInProvider | undefined;

const wordsOf = (error: unknown) => (error instanceof Error ? error.message : 'Failed');

const say = (words: string) => {
  status.textContent = words;
};

/** Without a sign-in nothing of the account stays on the page. */
function askToSignIn(words: string) {
  mcp = undefined;
  signedIn = {};
  frame.clear();
  work.hidden = true;
  clusters.replaceChildren();
  signIn.hidden = false;
  say(words);
  token.focus();
  if (!provider) void offerProvider();
}

/** Words that are there already stay. */
const sayAlso = (words: string) => say([status.textContent, words].filter(Boolean).join(' '));

async function offerProvider() {
  try {
    provider = await findProvider(`${base}page/sign-in`);
  } catch (error) {
    sayAlso(wordsOf(error));
  }
  if (!provider) return;
  leaveButton.textContent = `Sign in with ${hostOf(provider)}`;
  elsewhere.hidden = false;
  if (document.activeElement === token && token.value === '') leaveButton.focus();
}

async function leave() {
  if (!provider) return;
  const { redirectUri } = provider;
  if (location.origin + base === redirectUri) await leaveToSignIn(provider);
  else say(`To sign in with ${hostOf(provider)}, open this page at ${redirectUri}`);
}

/** The server then shows a plan and a button for every write. */
const PLAN_FIRST = { _meta: { 'ionos-postgresql/plan-first': true } };

async function call(name: string, args: PageFields, more: PageFields = {}): Promise<PageFields> {
  if (!mcp) throw new SignInNeeded('Sign in first.');
  try {
    return await mcp.request('tools/call', { name, arguments: args, ...more });
  } catch (error) {
    if (!(error instanceof SignInNeeded)) throw error;
    askToSignIn(EXPIRED);
    throw new SignInNeeded(EXPIRED);
  }
}

const frame = createFrame(element('view', HTMLIFrameElement), { view: `${base}view`, call });

let asked = 0;

/** What was asked for last is shown, whichever answer comes last. */
async function show(name: string, args: PageFields, more?: PageFields) {
  asked += 1;
  const turn = asked;
  say('Loading…');
  const result = await call(name, args, more);
  if (turn === asked) {
    frame.show(name, args, result);
    say('');
  }
  return result;
}

/** Another cluster can be open in the view. */
function nameTarget() {
  const name = clusters.selectedOptions[0]?.dataset.name ?? 'a cluster';
  element('change-target', HTMLElement).textContent = `Change the size of ${name}`;
  element('remove-target', HTMLElement).textContent = `Delete ${name}: show the plan`;
}

const listIn = (value: unknown): PageFields[] => (Array.isArray(value) ? value.map(fieldsOf) : []);

/** More than any account should have. */
const MOST_PAGES = 20;

async function showClusters() {
  const first = await show('list_clusters', {});
  let { structuredContent } = first;
  const rows = [];
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const { clusters: some, nextOffset } = fieldsOf(structuredContent);
    rows.push(...listIn(some));
    if (typeof nextOffset !== 'number') break;
    ({ structuredContent } = await call('list_clusters', { offset: nextOffset }));
  }
  const options = rows.map(({ id, displayName, state }) => {
    const option = document.createElement('option');
    option.value = String(id);
    option.dataset.name = String(displayName);
    option.textContent = `${displayName} (${state})`;
    return option;
  });
  clusters.replaceChildren(...options);
  nameTarget();
  // Where the server does not ask for a sign-in, IONOS may still want a token.
  signIn.hidden = first.isError !== true;
}

async function start(credentials: PageSignIn) {
  signedIn = credentials;
  signOut.hidden = !credentials.token && !credentials.ionosToken;
  mcp = await connectMcp(`${base}mcp`, credentials);
  const { tools } = await mcp.request('tools/list', {});
  const names = listIn(tools).map(({ name }) => name);
  change.hidden = !names.includes('update_cluster');
  remove.hidden = !names.includes('delete_cluster');
  await showClusters();
  work.hidden = false;
}

/** Back from the authorization server, perhaps with a code. */
async function begin() {
  const returned = takeReturn();
  try {
    if (returned) say('Signing in…');
    await start(returned ? { token: await exchange(`${base}page/token`, returned) } : {});
  } catch (error) {
    if (returned) throw new SignInNeeded(wordsOf(error));
    throw error instanceof SignInNeeded ? new SignInNeeded('') : error;
  }
}

/** Every way to fail ends in words on the page. */
function attempt(doing: () => Promise<unknown>) {
  doing().catch((error: unknown) => {
    if (error instanceof SignInNeeded) askToSignIn(error.message);
    else say(wordsOf(error));
  });
}

signIn.addEventListener('submit', (event) => {
  event.preventDefault();
  // Whoever is signed in gives the other token alone.
  const credentials = {
    token: token.value.trim() || signedIn.token,
    ionosToken: ionosToken.value.trim() || signedIn.ionosToken,
  };
  signIn.reset();
  attempt(() => start(credentials));
});
leaveButton.addEventListener('click', () => attempt(leave));
element('reload', HTMLButtonElement).addEventListener('click', () => attempt(showClusters));
signOut.addEventListener('click', () => location.reload());
clusters.addEventListener('change', () => {
  nameTarget();
  attempt(() => show('get_cluster', { clusterId: clusters.value }));
});
change.addEventListener('submit', (event) => {
  event.preventDefault();
  const given = new FormData(change);
  const sizes = SIZES.map((name) => [name, given.get(name)]).filter(([, value]) => value !== '');
  if (sizes.length === 0) return say('Give at least one value.');
  const wanted = sizes.map(([name, value]) => [name, Number(value)]);
  attempt(() => show('update_cluster', { clusterId: clusters.value, ...Object.fromEntries(wanted) }, PLAN_FIRST));
});
remove.addEventListener('submit', (event) => {
  event.preventDefault();
  attempt(() => show('delete_cluster', { clusterId: clusters.value }, PLAN_FIRST));
});

attempt(begin);
