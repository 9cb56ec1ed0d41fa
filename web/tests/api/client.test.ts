import { describe, expect, test } from 'vitest';
import { createClient, LoggedOut, Refused, Unreachable } from '../../src/api/client';
import { pretendServer } from '../server';

const client = createClient('/base');

describe('createClient', () => {
  test('asks below the base path', async () => {
    const { asked } = pretendServer({ '/base/tasks': { total: {} } });
    await expect(client.get('/tasks')).resolves.toEqual({ total: {} });
    expect(asked[0]).toMatchObject({ path: '/base/tasks', method: 'GET' });
  });

  test('no answer is "unreachable"', async () => {
    pretendServer({ '/base/tasks': new TypeError('fetch failed') });
    await expect(client.get('/tasks')).rejects.toBeInstanceOf(Unreachable);
  });

  test('401 is "logged out"', async () => {
    pretendServer({ '/base/tasks': new Response('{}', { status: 401 }) });
    await expect(client.get('/tasks')).rejects.toBeInstanceOf(LoggedOut);
  });

  test.each([
    ['{"message": "no such percentile"}', 'no such percentile'],
    ['{"error": "bad input"}', 'bad input'],
    ['plain words', 'plain words'],
    ['<html>echo</html>', 'The server answered 400'],
  ])('an error answered as %s is told as "%s"', async (body, words) => {
    pretendServer({ '/base/tasks': () => new Response(body, { status: 400 }) });
    await expect(client.get('/tasks')).rejects.toThrow(words);
    await expect(client.get('/tasks')).rejects.toBeInstanceOf(Refused);
  });

  test('a refusal with status 200 is a refusal', async () => {
    pretendServer({ '/base/swarm': { success: false, message: 'No runner' } });
    await expect(client.postForm('/swarm')).rejects.toThrow('No runner');
  });

  test('a plain "ok" is a success', async () => {
    pretendServer({ '/base/stats/reset': new Response('ok') });
    await expect(client.postForm('/stats/reset')).resolves.toEqual({ success: true, message: 'ok' });
  });
});
