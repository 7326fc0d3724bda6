export type PageFields = Record<string, unknown>;

export const fieldsOf = (value: unknown): PageFields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as PageFields) : {};

/** The server's words, whether it answers as JSON-RPC or as OAuth does. */
export function refusalIn({ error, error_description: description }: PageFields, status: number): string {
  const { message = description } = fieldsOf(error);
  return typeof message === 'string' ? message : `The server answered ${status}.`;
}

/** The server wants a sign-in, or another one. */
export class SignInNeeded extends Error {}

/** Kept in memory alone: whoever reloads the page signs in again. */
export interface PageSignIn {
  token?: string;
  ionosToken?: string;
}

export interface Mcp {
  /** Throws SignInNeeded, or an Error with the server's words. */
  request(method: string, params: PageFields): Promise<PageFields>;
}

const SESSION = 'mcp-session-id';
const PROTOCOL = '2025-11-25';
const VIEWS = { 'io.modelcontextprotocol/ui': { mimeTypes: ['text/html;profile=mcp-app'] } };

/** Empty where it is no JSON. */
export const answerIn = async (response: Response) => fieldsOf(await response.json().catch(() => undefined));

/** Throws as its requests do. */
export async function connectMcp(url: string, { token, ionosToken }: PageSignIn): Promise<Mcp> {
  let session: string | undefined;
  let lastId = 0;

  async function post(message: PageFields): Promise<Response> {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        'mcp-protocol-version': PROTOCOL,
        ...(token && { authorization: `Bearer ${token}` }),
        ...(ionosToken && { 'x-ionos-token': ionosToken }),
        ...(session && { [SESSION]: session }),
      },
      body: JSON.stringify({ jsonrpc: '2.0', ...message }),
      credentials: 'omit',
      redirect: 'error',
    });
    if (response.status !== 401) return response;
    const reason = refusalIn(await answerIn(response), response.status);
    throw new SignInNeeded(`The server did not accept the sign-in. ${reason}`);
  }

  async function request(method: string, params: PageFields): Promise<PageFields> {
    lastId += 1;
    const response = await post({ id: lastId, method, params });
    session = response.headers.get(SESSION) ?? session;
    const answer = await answerIn(response);
    if (answer.result !== undefined) return fieldsOf(answer.result);
    throw new Error(refusalIn(answer, response.status));
  }

  await request('initialize', {
    protocolVersion: PROTOCOL,
    clientInfo: { name: 'ionos-postgres-page', version: '1' },
    capabilities: { extensions: VIEWS },
  });
  await post({ method: 'notifications/initialized' });
  return { request };
}
