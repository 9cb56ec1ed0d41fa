/** A simulated server for the page under test: answers by path, and records requests. */
import { vi } from 'vitest';

export interface Asked {
  path: string;
  method: string;
  body: string;
}

type Answer = unknown | (() => unknown);

export function pretendServer(answers: Record<string, Answer>): {
  asked: Asked[];
  answers: Record<string, Answer>;
} {
  const asked: Asked[] = [];
  vi.stubGlobal('fetch', (url: string, init: RequestInit = {}) => {
    const path = url.split('?')[0] ?? url;
    asked.push({ path: url, method: init.method ?? 'GET', body: String(init.body ?? '') });
    const answer = answers[path];
    const value: unknown = typeof answer === 'function' ? answer() : answer;
    if (value instanceof Error) return Promise.reject(value);
    if (value instanceof Response) return Promise.resolve(value);
    if (value === undefined) return Promise.resolve(new Response('not found', { status: 404 }));
    return Promise.resolve(new Response(JSON.stringify(value), { status: 200 }));
  });
  return { asked, answers };
}
