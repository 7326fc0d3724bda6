import type { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import type { Output } from '../../src/log/output.ts';
import { createLogStream } from '../../src/log/stream.ts';
import { createLogger } from '../../src/log.ts';

/** An output whose reader the test plays. */
function createReader() {
  const queue: { line: string; done: (error?: Error | null) => void }[] = [];
  const output: Output = {
    put: (line, done) => void queue.push({ line, done }),
    waiting: () => queue.reduce((sum, { line }) => sum + line.length, 0),
  };
  return {
    output,
    read(error?: Error): Record<string, unknown>[] {
      return queue.splice(0).map(({ line, done }) => {
        done(error);
        return JSON.parse(line);
      });
    },
  };
}

const flushed = (logger: pino.Logger) =>
  new Promise<void>((resolve, reject) => logger.flush((error) => (error ? reject(error) : resolve())));

describe('while nobody reads', () => {
  test('lines of reads wait up to 1 MB, and the next that gets through says how many were dropped', () => {
    const { output, read } = createReader();
    const logger = createLogger('info', createLogStream(output));

    for (let n = 0; n < 30; n += 1) logger.info({ text: 'x'.repeat(100_000) }, 'call');
    const waited = read();
    logger.info('next');
    logger.info('last');

    expect(waited).toHaveLength(10);
    const [next, last] = read();
    expect(next).toMatchObject({ msg: 'next', dropped: 20 });
    expect(last).not.toHaveProperty('dropped');
  });

  test('the outcome of a write is never dropped, what was not sent beyond 16 MB', async () => {
    const { output, read } = createReader();
    const logger = createLogger('info', createLogStream(output));
    const text = 'x'.repeat(1_000_000);

    for (let n = 0; n < 20; n += 1) logger.warn({ audit: true, outcome: 'refused', text }, 'call');
    logger.info({ audit: true, write: '1' }, 'begin');
    const begun = flushed(logger);
    for (let n = 0; n < 3; n += 1) logger.info({ audit: true, write: '1', outcome: 'done' }, 'call');

    await expect(begun).rejects.toThrow('too many lines are waiting');
    const lines = read();
    expect(lines.filter(({ outcome }) => outcome === 'refused').length).toBeLessThan(17);
    expect(lines.filter(({ outcome }) => outcome === 'done')).toHaveLength(3);
  });

  test('flush says whether the last audit line was written, whatever comes behind it', async () => {
    const { output, read } = createReader();
    const logger = createLogger('info', createLogStream(output));
    let isWritten = false;

    logger.info({ audit: true, write: '1' }, 'begin');
    const first = flushed(logger).then(() => {
      isWritten = true;
    });
    logger.info('of a read');
    await new Promise((resolve) => setImmediate(resolve));
    expect(isWritten).toBe(false);
    read();
    await first;

    logger.info({ audit: true, write: '2' }, 'begin');
    const second = flushed(logger);
    read(new Error('EPIPE'));
    await expect(second).rejects.toThrow('EPIPE');
  });
});

test('what could not be written counts as dropped', () => {
  const { output, read } = createReader();
  const logger = createLogger('info', createLogStream(output));

  logger.info('lost');
  read(new Error('ENOSPC'));
  logger.info('lost with its count');
  read(new Error('ENOSPC'));
  logger.info('found');

  expect(read()).toMatchObject([{ msg: 'found', dropped: 2 }]);
});

test('with an audit file, that one decides whether an audit line is written', async () => {
  const { output } = createReader();
  const kept: string[] = [];
  const auditFile = {
    async append(line: string) {
      if (kept.length > 0) throw new Error('full');
      kept.push(line);
    },
  };
  const logger = createLogger('info', createLogStream(output, auditFile));

  logger.info({ audit: true, write: '1' }, 'begin');
  await flushed(logger);
  logger.info('of a read');
  expect(kept.map((line) => JSON.parse(line))).toMatchObject([{ write: '1', msg: 'begin' }]);
  logger.info({ audit: true, write: '2' }, 'begin');
  await expect(flushed(logger)).rejects.toThrow('full');
});
