import { expect, test } from 'vitest';
import { filterLog, parseLog } from '../../src/model/logs';

const LINES = parseLog([
  '[2026-01-31 12:00:00,113] host/INFO/locust.main: Starting Locust',
  '[2026-01-31 12:00:01,000] host/ERROR/locust.user: KeyError',
  'Traceback (most recent call last):',
  '[2026-01-31 12:00:02,000] host/DEBUG/urllib3: an ERROR in a message is not a level',
  'WARNING: a format of its own',
]);

test('levels are read from the line, tracebacks belong to the line before', () => {
  expect(LINES.map(line => line.level)).toEqual(['INFO', 'ERROR', 'ERROR', 'DEBUG', 'WARNING']);
});

test('lower levels and lines without the words are left out', () => {
  expect(filterLog(LINES, 'WARNING', '').map(line => line.level)).toEqual(['ERROR', 'ERROR', 'WARNING']);
  expect(filterLog(LINES, 'DEBUG', 'traceback')).toHaveLength(1);
  expect(filterLog(LINES, 'ERROR', 'starting')).toEqual([]);
});
