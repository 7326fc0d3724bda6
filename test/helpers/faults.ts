import type { Fault, Sandbox } from '../../src/sandbox/index.ts';

/** Lets every write fail like this from now on, and no look. */
export function failWrites(sandbox: Sandbox, fault: Fault): void {
  const whole = sandbox.fetch;
  sandbox.fetch = (request) => {
    if (request.method !== 'GET') sandbox.failNext(fault);
    return whole(request);
  };
}

/** Lets every look at such a path fail like this from now on. */
export function failReads(sandbox: Sandbox, path: RegExp, fault: Fault): void {
  const whole = sandbox.fetch;
  sandbox.fetch = (request) => {
    if (request.method === 'GET' && path.test(new URL(request.url).pathname)) sandbox.failNext(fault);
    return whole(request);
  };
}
