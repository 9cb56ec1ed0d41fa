/**
 * Polls with one request at a time, and keeps the last good answer while the server does not answer.
 *
 * A poller belongs to the code that created it, and runs while it has subscribers. It sends a request `interval` after
 * the previous one was answered, so a slow server never has two requests at once.
 */

export interface Polled<Value> {
  value: Value | null;
  /** Why the last request failed; null if it succeeded. */
  error: Error | null;
  /** When `value` was received, in milliseconds since the epoch; 0 before. */
  answeredAt: number;
}

/** Often enough for the title of a hidden tab. */
export const HIDDEN_INTERVAL_MS = 10_000;

export class Poller<Value> {
  private state: Polled<Value> = { value: null, error: null, answeredAt: 0 };
  private readonly listeners = new Set<() => void>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private isAsking = false;
  private isWanted = false;

  /**
   * @param ask gets the last value and returns the next; must not reject with anything but an `Error`.
   * @param interval milliseconds until the next request, given the last value.
   */
  constructor(
    private readonly ask: (last: Value | null) => Promise<Value>,
    private readonly interval: (value: Value | null) => number,
  ) {}

  readonly getState = (): Polled<Value> => this.state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    if (this.listeners.size === 1) this.start();
    return () => {
      this.listeners.delete(listener);
      if (this.listeners.size === 0) this.stop();
    };
  };

  /** Polls at once, after an action or when the tab becomes visible again. */
  readonly refresh = (): void => {
    if (this.listeners.size === 0) return;
    if (this.isAsking) this.isWanted = true;
    else void this.turn();
  };

  private start(): void {
    document.addEventListener('visibilitychange', this.onVisibility);
    if (!this.isAsking) void this.turn();
  }

  private stop(): void {
    document.removeEventListener('visibilitychange', this.onVisibility);
    clearTimeout(this.timer);
  }

  private readonly onVisibility = (): void => {
    if (!document.hidden) this.refresh();
  };

  private async turn(): Promise<void> {
    clearTimeout(this.timer);
    this.isAsking = true;
    this.isWanted = false;
    try {
      const value = await this.ask(this.state.value);
      this.state = { value, error: null, answeredAt: Date.now() };
    } catch (error) {
      this.state = { ...this.state, error: error instanceof Error ? error : new Error(String(error)) };
    }
    this.isAsking = false;
    for (const listener of this.listeners) listener();
    if (this.listeners.size === 0) return;
    const pause = this.interval(this.state.value);
    this.timer = setTimeout(
      () => void this.turn(),
      this.isWanted ? 0 : document.hidden ? Math.max(pause, HIDDEN_INTERVAL_MS) : pause,
    );
  }
}
