import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Poller } from '../../src/live/poller';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

const flush = () => vi.advanceTimersByTimeAsync(0);

describe('Poller', () => {
  test('asks at once and then after each interval, with the last answer', async () => {
    const ask = vi.fn((last: number | null) => Promise.resolve((last ?? 0) + 1));
    const poller = new Poller(ask, () => 1000);
    const stop = poller.subscribe(() => {});
    await flush();
    expect(poller.getState().value).toBe(1);
    await vi.advanceTimersByTimeAsync(2000);
    expect(ask.mock.calls).toEqual([[null], [1], [2]]);
    stop();
  });

  test('keeps the last good answer while the server is silent, and says since when', async () => {
    const answers = [async () => 'good', () => Promise.reject(new Error('down')), async () => 'back'];
    const poller = new Poller(
      () => answers.shift()?.() ?? Promise.resolve('more'),
      () => 1000,
    );
    const stop = poller.subscribe(() => {});
    await flush();
    const { answeredAt } = poller.getState();
    await vi.advanceTimersByTimeAsync(1000);
    expect(poller.getState()).toMatchObject({ value: 'good', error: { message: 'down' }, answeredAt });
    await vi.advanceTimersByTimeAsync(1000);
    expect(poller.getState()).toMatchObject({ value: 'back', error: null });
    stop();
  });

  test('never asks a second question before the first is answered', async () => {
    let answer: (value: string) => void = () => {};
    const ask = vi.fn(
      () =>
        new Promise<string>(resolve => {
          answer = resolve;
        }),
    );
    const poller = new Poller<string>(ask, () => 1000);
    const stop = poller.subscribe(() => {});
    poller.refresh();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(ask).toHaveBeenCalledTimes(1);
    answer('late');
    await flush();
    await flush();
    // The refresh that was requested in the meantime follows.
    expect(ask).toHaveBeenCalledTimes(2);
    stop();
  });

  test('without subscribers it asks nothing', async () => {
    const ask = vi.fn(() => Promise.resolve(1));
    const poller = new Poller(ask, () => 1000);
    poller.refresh();
    const stop = poller.subscribe(() => {});
    await flush();
    stop();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(ask).toHaveBeenCalledTimes(1);
  });
});
