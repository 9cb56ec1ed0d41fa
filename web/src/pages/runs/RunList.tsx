/** The list of kept runs, which is searched by the server, and the choice of those to compare. */
import { useCallback, useEffect, useId, useState } from 'react';
import type { Client } from '../../api/client';
import type { RunsAnswer } from '../../api/runs';
import { EmptyState } from '../../components/EmptyState';
import { Icon } from '../../components/Icon';
import { useAnswer } from '../../live/answer';
import { formatCount } from '../../model/format';
import { comparisonAddress, listPath, MOST_PICKED, togglePicked } from '../../model/runs';
import { RunsTable } from '../../tables/RunsTable';
import { NotShown } from './NotShown';

const LINES = 50;

/** Long enough for the next letter. */
const TYPING_MS = 250;

interface RunListProps {
  client: Client;
  picked: number[];
  onPicked: (picked: number[]) => void;
}

export function RunList({ client, picked, onPicked }: RunListProps) {
  const [search, setSearch] = useState('');
  const [profile, setProfile] = useState('');
  const [offset, setOffset] = useState(0);
  const searched = useSettled(search);
  const { value, error, isLoading } = useAnswer<RunsAnswer>(
    client,
    listPath(searched, profile, offset, LINES),
  );
  const pick = useCallback((run: number) => onPicked(togglePicked(picked, run)), [picked, onPicked]);
  if (!value) {
    return (
      <main>
        <NotShown error={error} client={client} />
      </main>
    );
  }
  const isSearch = Boolean(searched.trim() || profile);
  return (
    <main aria-busy={isLoading}>
      <h2 className="visually-hidden">Kept runs</h2>
      <RunsTable
        lines={value.runs}
        picked={picked}
        onPick={pick}
        tools={
          <>
            <Search
              search={search}
              onSearch={text => {
                setSearch(text);
                setOffset(0);
              }}
            />
            <ProfileChoice
              profiles={value.profiles}
              profile={profile}
              onProfile={chosen => {
                setProfile(chosen);
                setOffset(0);
              }}
            />
            <Pages offset={offset} found={value.found} onOffset={setOffset} />
            <CompareButton picked={picked} onForget={() => onPicked([])} />
          </>
        }
        empty={
          isSearch ? (
            <EmptyState title="No run matches.">
              The search looks at number, tag, note, profile, locustfile and target.
            </EmptyState>
          ) : (
            <EmptyState title="No runs yet.">Each test appears here once it has begun, and stays.</EmptyState>
          )
        }
      />
    </main>
  );
}

/** The value once it has not changed for a moment. */
function useSettled(value: string): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), TYPING_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}

function Search({ search, onSearch }: { search: string; onSearch: (text: string) => void }) {
  return (
    <div className="search">
      <Icon name="search" />
      <input
        type="search"
        value={search}
        placeholder="Search"
        aria-label="Search runs by number, tag, note, profile, locustfile or target"
        data-testid="search-runs"
        onChange={event => onSearch(event.target.value)}
      />
    </div>
  );
}

interface ProfileChoiceProps {
  profiles: readonly string[];
  profile: string;
  onProfile: (profile: string) => void;
}

function ProfileChoice({ profiles, profile, onProfile }: ProfileChoiceProps) {
  const id = useId();
  if (profiles.length === 0) return null;
  return (
    <div className="inline-field">
      <label htmlFor={id}>Profile</label>
      <select id={id} value={profile} onChange={event => onProfile(event.target.value)}>
        <option value="">All</option>
        {profiles.map(name => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
    </div>
  );
}

interface PagesProps {
  offset: number;
  found: number;
  onOffset: (offset: number) => void;
}

function Pages({ offset, found, onOffset }: PagesProps) {
  if (found <= LINES && offset === 0) return null;
  const last = Math.min(offset + LINES, found);
  return (
    <span className="pages">
      <span className="count" role="status">
        {formatCount(offset + 1)}–{formatCount(last)} of {formatCount(found)}
      </span>
      <button type="button" disabled={offset === 0} onClick={() => onOffset(Math.max(0, offset - LINES))}>
        Newer
      </button>
      <button type="button" disabled={last >= found} onClick={() => onOffset(offset + LINES)}>
        Older
      </button>
    </span>
  );
}

function CompareButton({ picked, onForget }: { picked: readonly number[]; onForget: () => void }) {
  if (picked.length < 2) {
    return (
      <span className="count hint">
        {picked.length === 0
          ? `Pick 2 to ${MOST_PICKED} runs to compare them.`
          : 'Pick another one to compare.'}
      </span>
    );
  }
  return (
    <>
      <a className="button primary" href={comparisonAddress(picked)} data-testid="compare">
        <Icon name="chart" />
        Compare {picked.length} runs
      </a>
      <button type="button" className="link" onClick={onForget}>
        Pick none
      </button>
    </>
  );
}
