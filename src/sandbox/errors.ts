import { STATUS_CODES } from 'node:http';
import { HTTPException } from 'hono/http-exception';

export interface ErrorMessage {
  errorCode: string;
  message: string;
}

/** Only "315" for 401 and "503" for 503 have been observed; the others are assumed. */
function errorCode(status: number): string {
  return status === 401 ? '315' : String(status);
}

export function messagesFor(status: number, ...texts: string[]): ErrorMessage[] {
  const all = texts.length > 0 ? texts : [STATUS_CODES[status] ?? 'Error'];
  return all.map((message) => ({ errorCode: errorCode(status), message }));
}

export function errorResponse(status: number, messages = messagesFor(status), headers: Record<string, string> = {}) {
  return Response.json({ httpStatus: status, messages }, { status, headers });
}

type Refusal = 400 | 403 | 404 | 405 | 409 | 415 | 422;

export function refuse(status: Refusal, ...texts: string[]): never {
  const res = errorResponse(status, messagesFor(status, ...texts));
  throw new HTTPException(status, { res, message: texts.join('; ') });
}
