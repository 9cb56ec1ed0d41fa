/** The HTTP client. It throws three kinds of errors, so that the page can tell the reader what to do. */
import type { ActionAnswer } from './types';

/** There was no answer: the server or the network is down, or the answer took too long. */
export class Unreachable extends Error {}

/** The session has ended; the reader has to log in again. */
export class LoggedOut extends Error {}

/** The server answered, but with an error. */
export class Refused extends Error {
  constructor(
    message: string,
    readonly status: number,
  ) {
    super(message);
  }
}

/** A request that takes longer is aborted; a poller then asks again. */
const TIMEOUT_MS = 20_000;

export interface Client {
  url: (path: string) => string;
  get: <Answer>(path: string) => Promise<Answer>;
  postForm: (path: string, form?: URLSearchParams) => Promise<ActionAnswer>;
  postJson: (path: string, body: unknown) => Promise<void>;
}

async function answerOf(url: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, {
      credentials: 'same-origin',
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...init,
    });
  } catch (error) {
    throw new Unreachable(error instanceof Error ? error.message : String(error));
  }
  const landedOnLogin = response.redirected && new URL(response.url).pathname.endsWith('/login');
  if (response.status === 401 || landedOnLogin) throw new LoggedOut('You are no longer logged in.');
  if (!response.ok) throw new Refused(await refusal(response), response.status);
  return response;
}

/** The server's message: from JSON with a message, from JSON with an error, or the text itself. */
async function refusal(response: Response): Promise<string> {
  const text = (await response.text()).trim();
  try {
    const body = JSON.parse(text) as { message?: unknown; error?: unknown };
    const words = body.message ?? body.error;
    if (typeof words === 'string' && words) return words;
  } catch {
    if (text && !text.startsWith('<')) return text.slice(0, 500);
  }
  return `The server answered ${response.status} ${response.statusText}`.trim();
}

export function createClient(base: string): Client {
  const url = (path: string) => `${base}${path}`;
  return {
    url,
    get: async <Answer>(path: string) =>
      (await (await answerOf(url(path), { headers: { Accept: 'application/json' } })).json()) as Answer,
    postForm: async (path, form = new URLSearchParams()) => {
      const response = await answerOf(url(path), { method: 'POST', body: form });
      const text = await response.text();
      // `/stats/reset` answers "ok" instead of JSON.
      if (!text.trimStart().startsWith('{')) return { success: true, message: text };
      const answer = JSON.parse(text) as ActionAnswer;
      if (answer.success === false) throw new Refused(answer.message, response.status);
      return answer;
    },
    postJson: async (path, body) => {
      await answerOf(url(path), {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
      });
    },
  };
}
