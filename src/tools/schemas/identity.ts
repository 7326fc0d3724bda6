import { type Method, NoAnswerError } from '../../errors.ts';
import { isSameId } from './arguments.ts';

/** The reply, if it is about what was asked for: what is decided by another would be carried out on this. */
export function aboutId<Reply extends { id: string } | undefined>(
  reply: Reply,
  id: string,
  method: Method = 'GET',
): Reply {
  if (reply === undefined || isSameId(reply.id, id)) return reply;
  throw aboutAnother(method);
}

/** The same by the name, where the reply tells it. */
export function aboutName<Reply>(reply: Reply, told: string | undefined, name: string, method: Method = 'GET'): Reply {
  if (told === undefined || told === name) return reply;
  throw aboutAnother(method);
}

/** Of what a write rests on, which has to tell it. */
export function requireName(told: string | undefined, name: string): void {
  if (told !== name) throw aboutAnother('GET');
}

function aboutAnother(method: Method): NoAnswerError {
  return new NoAnswerError(method, 'the answer is about a different resource than the one requested', true);
}
