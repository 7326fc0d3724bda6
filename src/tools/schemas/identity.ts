import { type Method, NoAnswerError } from '../../errors.ts';
import { isSameId } from '../../text/ids.ts';

/** A write must not rest on a reply about a different resource. */
export function aboutId<Reply extends { id: string } | undefined>(
  reply: Reply,
  id: string,
  method: Method = 'GET',
): Reply {
  if (reply === undefined || isSameId(reply.id, id)) return reply;
  throw aboutAnother(method);
}

export function aboutName<Reply>(reply: Reply, told: string | undefined, name: string, method: Method = 'GET'): Reply {
  if (told === undefined || told === name) return reply;
  throw aboutAnother(method);
}

export function requireName(told: string | undefined, name: string): void {
  if (told !== name) throw aboutAnother('GET');
}

function aboutAnother(method: Method): NoAnswerError {
  return new NoAnswerError(method, 'the answer is about a different resource than the one requested', true);
}
