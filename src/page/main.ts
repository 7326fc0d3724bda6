import { createFrame } from './frame.ts';
import { connectMcp, fieldsOf, type Mcp, type PageFields, type PageSignIn, SignInNeeded } from './mcp.ts';

const SIZES = ['instances', 'cores', 'ram', 'storageSize'];

function element<T extends HTMLElement>(id: string, kind: new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`The page has no ${id}`);
  return found;
}

const signIn = element('sign-in', HTMLFormElement);
const token = element('token', HTMLInputElement);
const ionosToken = element('ionos-token', HTMLInputElement);
const work = element('work', HTMLElement);
const status = element('status', HTMLElement);
const clusters = element('clusters', HTMLSelectElement);
const change = element('change', HTMLFormElement);
const remove = element('remove', HTMLFormElement);

const EXPIRED = 'The sign-in has expired. Sign in again.';

/** A proxy can serve the page below a path, with or without a slash at its end. */
const base = location.pathname.endsWith('/') ? location.pathname : `${location.pathname}/`;

let mcp: Mcp | undefined;

const say = (words: string) => {
  status.textContent = words;
};

/** Without a sign-in nothing of the account stays on the page. */
function askToSignIn(words: string) {
  mcp = undefined;
  frame.clear();
  work.hidden = true;
  clusters.replaceChildren();
  signIn.hidden = false;
  say(words);
  token.focus();
}

async function call(name: string, args: PageFields): Promise<PageFields> {
  if (!mcp) throw new SignInNeeded('Sign in first.');
  try {
    return await mcp.request('tools/call', { name, arguments: args });
  } catch (error) {
    if (!(error instanceof SignInNeeded)) throw error;
    askToSignIn(EXPIRED);
    throw new SignInNeeded(EXPIRED);
  }
}

const frame = createFrame(element('view', HTMLIFrameElement), { view: `${base}view`, call });

let asked = 0;

/** What was asked for last is shown, whichever answer comes last. */
async function show(name: string, args: PageFields) {
  asked += 1;
  const turn = asked;
  say('Loading…');
  const result = await call(name, args);
  if (turn === asked) {
    frame.show(name, args, result);
    say('');
  }
  return result;
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
    option.textContent = `${displayName} (${state})`;
    return option;
  });
  clusters.replaceChildren(...options);
  // Where the server does not ask for a sign-in, IONOS may still want a token.
  signIn.hidden = first.isError !== true;
}

async function start(credentials: PageSignIn) {
  mcp = await connectMcp(`${base}mcp`, credentials);
  const { tools } = await mcp.request('tools/list', {});
  const names = listIn(tools).map(({ name }) => name);
  change.hidden = !names.includes('update_cluster');
  remove.hidden = !names.includes('delete_cluster');
  await showClusters();
  work.hidden = false;
}

/** Every way to fail ends in words on the page. */
function attempt(doing: () => Promise<unknown>) {
  doing().catch((error: unknown) => {
    if (error instanceof SignInNeeded) askToSignIn(error.message);
    else say(error instanceof Error ? error.message : 'Failed');
  });
}

signIn.addEventListener('submit', (event) => {
  event.preventDefault();
  const credentials = { token: token.value.trim(), ionosToken: ionosToken.value.trim() };
  signIn.reset();
  attempt(() => start(credentials));
});
element('reload', HTMLButtonElement).addEventListener('click', () => attempt(showClusters));
element('leave', HTMLButtonElement).addEventListener('click', () => location.reload());
clusters.addEventListener('change', () => attempt(() => show('get_cluster', { clusterId: clusters.value })));
change.addEventListener('submit', (event) => {
  event.preventDefault();
  const given = new FormData(change);
  const sizes = SIZES.map((name) => [name, given.get(name)]).filter(([, value]) => value !== '');
  if (sizes.length === 0) return say('Give at least one value.');
  const wanted = sizes.map(([name, value]) => [name, Number(value)]);
  attempt(() => show('update_cluster', { clusterId: clusters.value, ...Object.fromEntries(wanted) }));
});
remove.addEventListener('submit', (event) => {
  event.preventDefault();
  attempt(() => show('delete_cluster', { clusterId: clusters.value }));
});

start({}).catch((error: unknown) => {
  if (error instanceof SignInNeeded) askToSignIn('');
  else say(error instanceof Error ? error.message : 'Failed');
});
