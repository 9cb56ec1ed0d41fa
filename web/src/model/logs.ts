/** Levels of log lines, and the choice of lines to show. */
import { matchesText } from './rows';

export const LEVELS = ['DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL'] as const;

export type Level = (typeof LEVELS)[number];

export interface LogLine {
  text: string;
  level: Level;
}

/** `[2026-01-31 12:00:00,123] host/LEVEL/logger: message`, Locust's log format. */
const LOCUST_LINE = /^\[[^\]]*\]\s+\S*?\/(DEBUG|INFO|WARNING|ERROR|CRITICAL)\//;

/** Other formats have the level somewhere near the beginning. */
const ANY_LEVEL = /\b(DEBUG|INFO|WARNING|ERROR|CRITICAL)\b/;

/** A line without a level, for example of a traceback, belongs to the line before it. */
export function parseLog(lines: readonly string[]): LogLine[] {
  let level: Level = 'INFO';
  return lines.map(text => {
    const match = LOCUST_LINE.exec(text) ?? ANY_LEVEL.exec(text.slice(0, 100));
    if (match) level = match[1] as Level;
    return { text, level };
  });
}

export function filterLog(lines: readonly LogLine[], lowest: Level, query: string): LogLine[] {
  const from = LEVELS.indexOf(lowest);
  return lines.filter(
    line => LEVELS.indexOf(line.level) >= from && (!query.trim() || matchesText(line.text, query.trim())),
  );
}
