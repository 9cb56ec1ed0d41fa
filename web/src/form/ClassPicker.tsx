/** Chooses the user classes to run, and their weights, fixed counts, tasks, hosts and own attributes. */
import { useState } from 'react';
import type { LiveArgs, UserClassConfig } from '../api/page';
import type { ClassChanges } from '../model/swarm';
import { ClassSettings } from './ClassSettings';

interface ClassPickerProps {
  args: LiveArgs;
  chosen: readonly string[];
  changes: Record<string, ClassChanges>;
  onChoose: (classes: string[]) => void;
  onChange: (name: string, changes: ClassChanges) => void;
  error?: string | undefined;
}

export function ClassPicker({ args, chosen, changes, onChoose, onChange, error }: ClassPickerProps) {
  const [opened, setOpened] = useState<string | null>(null);
  const classes = args.available_user_classes ?? [];
  const toggle = (name: string) =>
    onChoose(classes.filter(item => (item === name ? !chosen.includes(item) : chosen.includes(item))));
  return (
    <fieldset className="class-picker" data-testid="class-picker">
      <legend>User classes</legend>
      <div className="choices-all">
        <button type="button" className="link" onClick={() => onChoose([...classes])}>
          All
        </button>
        <button type="button" className="link" onClick={() => onChoose([])}>
          None
        </button>
        <span className="count">
          {chosen.length} of {classes.length} chosen
        </span>
      </div>
      {error && (
        <p className="field-error" role="alert">
          {error}
        </p>
      )}
      {classes.length === 0 && <p className="field-hint">The locustfile has no user classes.</p>}
      <ul>
        {classes.map(name => {
          const config: UserClassConfig = { ...args.users?.[name], ...changes[name] };
          const isOpen = opened === name;
          return (
            <li key={name} data-testid={`class-${name}`}>
              <div className="class-row">
                <label className="check">
                  <input type="checkbox" checked={chosen.includes(name)} onChange={() => toggle(name)} />
                  <span className="class-name">{name}</span>
                </label>
                <span className="class-summary">
                  {summary(config, args.available_user_tasks?.[name])}
                  {changes[name] && <span className="badge">changed</span>}
                </span>
                <button
                  type="button"
                  aria-expanded={isOpen}
                  aria-label={`${isOpen ? 'Done' : 'Settings'}: ${name}`}
                  onClick={() => setOpened(isOpen ? null : name)}
                >
                  {isOpen ? 'Done' : 'Settings'}
                </button>
              </div>
              {isOpen && (
                <ClassSettings
                  name={name}
                  config={config}
                  tasks={args.available_user_tasks?.[name] ?? []}
                  onChange={change => onChange(name, { ...changes[name], ...change })}
                />
              )}
            </li>
          );
        })}
      </ul>
    </fieldset>
  );
}

function summary(config: UserClassConfig, allTasks: string[] | undefined): string {
  const share = config.fixed_count ? `${config.fixed_count} fixed` : `weight ${config.weight ?? 1}`;
  const tasks = allTasks?.length ? `${config.tasks?.length ?? allTasks.length}/${allTasks.length} tasks` : '';
  return [share, tasks, config.host ?? ''].filter(Boolean).join(' · ');
}
